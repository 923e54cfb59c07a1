package kr.madang.plugins.files;

import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import kr.madang.plugins.files.SinkConfig.Compression;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.RecordConsumer;

/** Writes a Parquet file; times are TIMESTAMP(NANOS, UTC), windows are lists. */
final class ParquetRowWriter implements RowWriter {
  /** Small, since a row group is kept in memory until it is full. */
  private static final long ROW_GROUP = 16 << 20;

  private final Support support;
  private final ParquetWriter<Integer> writer;

  ParquetRowWriter(SinkConfig config, Schema schema, SyncedFile file, FileKey key)
      throws IOException {
    support = new Support(schema, key);
    CompressionCodecName codec =
        switch (config.compression().orElse(Compression.ZSTD)) {
          case NONE -> CompressionCodecName.UNCOMPRESSED;
          case LZ4 -> CompressionCodecName.LZ4_RAW;
          case ZSTD -> CompressionCodecName.ZSTD;
          case SNAPPY -> CompressionCodecName.SNAPPY;
        };
    writer =
        new Builder(new Output(file), support)
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new ParquetCodecs())
            .withCompressionCodec(codec)
            .withRowGroupSize(ROW_GROUP)
            .build();
  }

  @Override
  public void write(Batch batch, int from, int count) throws IOException {
    support.bind(batch);
    for (int row = from; row < from + count; row++) {
      support.row = row;
      writer.write(0); // a cached box; the row stands beside it
    }
  }

  @Override
  public long size() {
    return writer.getDataSize();
  }

  @Override
  public void finish(long last) throws IOException {
    support.last = last;
    writer.close();
  }

  @Override
  public void release() {}

  /** Moves cells of the row at hand into the library's columns. */
  private static final class Support extends WriteSupport<Integer> {
    private final Schema schema;
    private final FileKey key;
    private final ParquetCell[] cells;
    private final String[] names;
    private RecordConsumer consumer; // given before the first row
    private int row;
    private long last;

    @SuppressWarnings("NullAway.Init")
    Support(Schema schema, FileKey key) {
      this.schema = schema;
      this.key = key;
      names = schema.getFields().stream().map(Field::getName).toArray(String[]::new);
      cells = new ParquetCell[names.length];
    }

    void bind(Batch batch) {
      for (int i = 0; i < cells.length; i++) {
        FieldVector vector = batch.root().getVector(i);
        cells[i] = ParquetCell.of(vector, batch.dictionaries(), consumer, cells[i]);
      }
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the library
    public WriteContext init(Configuration configuration) {
      return init(new PlainParquetConfiguration());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      Map<String, String> metadata = new HashMap<>(key.metadata());
      for (Field field : schema.getFields()) {
        String unit = field.getMetadata().get(Frames.UNIT);
        if (unit != null) {
          metadata.put("madang.unit." + field.getName(), unit);
        }
      }
      metadata.put(
          ParquetBlocks.ARROW_SCHEMA,
          Base64.getEncoder().encodeToString(ParquetTypes.plain(schema).serializeAsMessage()));
      return new WriteContext(ParquetTypes.schema(schema), metadata);
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public void write(Integer ignored) {
      consumer.startMessage();
      for (int i = 0; i < cells.length; i++) {
        ParquetCell cell = cells[i];
        if (!cell.isNull(row)) {
          consumer.startField(names[i], i);
          cell.write(row);
          consumer.endField(names[i], i);
        }
      }
      consumer.endMessage();
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(Map.of(FileKey.LAST, Long.toString(last)));
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Integer, Builder> {
    private final Support support;

    Builder(OutputFile file, Support support) {
      super(file);
      this.support = support;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the library
    protected WriteSupport<Integer> getWriteSupport(Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<Integer> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }

  private record Output(SyncedFile file) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSize) {
      return new PositionOutputStream() {
        @Override
        public long getPos() {
          return file.count();
        }

        @Override
        public void write(int b) throws IOException {
          file.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          file.write(bytes, offset, length);
        }
      };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) {
      return create(blockSize);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
