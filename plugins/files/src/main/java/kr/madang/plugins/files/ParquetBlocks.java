package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** A Parquet file; its columns are read into Arrow vectors, some thousand rows at a time. */
final class ParquetBlocks implements Blocks {
  /** Under this key Arrow's writers keep the schema from which they wrote. */
  static final String ARROW_SCHEMA = "ARROW:schema";

  private static final int ROWS = 4096;

  private final ParquetFileReader reader;
  private final MessageType schema;
  private final Map<String, String> metadata;
  private final BufferAllocator allocator;
  private final List<String> needed;
  private final List<Field> fields = new ArrayList<>();
  private final List<ParquetValues> values = new ArrayList<>();
  private @Nullable VectorSchemaRoot root;
  private long left;

  /**
   * Opens a file.
   *
   * @param needed the columns that are read
   */
  ParquetBlocks(Path path, List<String> needed, BufferAllocator allocator) throws IOException {
    this.allocator = allocator;
    this.needed = needed;
    reader =
        ParquetFileReader.open(
            new LocalInputFile(path),
            ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new ParquetCodecs())
                .withUseHadoopVectoredIo(false)
                .build());
    schema = reader.getFileMetaData().getSchema();
    metadata = reader.getFileMetaData().getKeyValueMetaData();
  }

  @Override
  public List<ColumnInfo> columns() {
    Schema stored = stored();
    List<ColumnInfo> columns = new ArrayList<>();
    for (Type type : schema.getFields()) {
      Field field =
          stored == null
              ? null
              : stored.getFields().stream()
                  .filter(candidate -> candidate.getName().equals(type.getName()))
                  .findFirst()
                  .orElse(null);
      columns.add(ParquetColumn.info(type, field));
    }
    return columns;
  }

  private @Nullable Schema stored() {
    String encoded = metadata.get(ARROW_SCHEMA);
    if (encoded == null) {
      return null;
    }
    try {
      return Schema.deserializeMessage(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)));
    } catch (RuntimeException e) {
      return null; // a hint only: the file's own schema is complete
    }
  }

  @Override
  public boolean next() throws IOException {
    VectorSchemaRoot block = root();
    block.clear();
    while (left == 0) {
      PageReadStore group = reader.readNextRowGroup();
      if (group == null) {
        return false;
      }
      open(group, block);
    }
    int rows = (int) Math.min(ROWS, left);
    for (ParquetValues column : values) {
      column.read(rows);
    }
    block.setRowCount(rows);
    left -= rows;
    return true;
  }

  private void open(PageReadStore group, VectorSchemaRoot block) {
    MessageType projected = projection();
    ColumnReadStoreImpl columns =
        new ColumnReadStoreImpl(
            group, new Nothing(projected), projected, reader.getFileMetaData().getCreatedBy());
    values.clear();
    for (int i = 0; i < fields.size(); i++) {
      Type type = projected.getType(i);
      ColumnDescriptor column =
          projected.getColumns().stream()
              .filter(candidate -> candidate.getPath()[0].equals(type.getName()))
              .findFirst()
              .orElseThrow();
      FieldVector vector = block.getVector(i);
      values.add(ParquetValues.of(column, columns.getColumnReader(column), vector));
    }
    left = group.getRowCount();
  }

  private MessageType projection() {
    List<Type> types = new ArrayList<>();
    for (Field field : fields) {
      types.add(schema.getType(field.getName()));
    }
    return new MessageType(schema.getName(), types);
  }

  @Override
  public VectorSchemaRoot root() throws IOException {
    VectorSchemaRoot known = root;
    if (known == null) {
      for (ColumnInfo column : columns()) {
        if (needed.contains(column.name()) && column.field() != null) {
          fields.add(column.field());
        }
      }
      reader.setRequestedSchema(projection());
      known = VectorSchemaRoot.create(new Schema(fields), allocator);
      root = known;
    }
    return known;
  }

  @Override
  public DictionaryProvider dictionaries() {
    return new DictionaryProvider.MapDictionaryProvider();
  }

  @Override
  public void close() throws IOException {
    if (root != null) {
      root.close();
    }
    reader.close();
  }

  /** The library asks for something that takes values, though columns are read directly. */
  private static final class Nothing extends GroupConverter {
    private final GroupType type;

    Nothing(GroupType type) {
      this.type = type;
    }

    @Override
    public Converter getConverter(int field) {
      Type child = type.getType(field);
      return child.isPrimitive() ? new PrimitiveConverter() {} : new Nothing(child.asGroupType());
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
