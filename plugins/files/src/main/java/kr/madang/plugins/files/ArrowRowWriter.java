package kr.madang.plugins.files;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.plugins.files.SinkConfig.Compression;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Writes an Arrow IPC file (Feather V2). */
final class ArrowRowWriter implements RowWriter {
  private final FileDictionaries dictionaries;
  private final MapDictionaryProvider provider = new MapDictionaryProvider();
  private final List<Dictionary> owned = new java.util.ArrayList<>();
  private final Map<String, String> metadata = new HashMap<>();
  private final Map<Integer, int[]> translations = new HashMap<>();
  private final Map<Integer, FieldVector> translated = new HashMap<>();
  private final SyncedFile file;
  private final VectorSchemaRoot root;
  private final ArrowFileWriter writer;

  ArrowRowWriter(
      SinkConfig config,
      Batch first,
      SyncedFile file,
      FileDictionaries dictionaries,
      FileKey key,
      BufferAllocator allocator)
      throws IOException {
    this.file = file;
    this.dictionaries = dictionaries;
    for (FieldVector column : first.root().getFieldVectors()) {
      if (column.getField().getDictionary() != null) {
        boolean _ = dictionaries.learn(column, first.dictionaries());
        Dictionary own = dictionaries.dictionary(column.getField().getDictionary(), allocator);
        owned.add(own);
        provider.put(own);
      }
    }
    metadata.putAll(key.metadata());
    root = VectorSchemaRoot.create(first.schema(), allocator);
    CodecType codec =
        switch (config.compression().orElse(Compression.NONE)) {
          case LZ4 -> CodecType.LZ4_FRAME;
          case ZSTD -> CodecType.ZSTD;
          case NONE, SNAPPY -> CodecType.NO_COMPRESSION;
        };
    writer =
        new ArrowFileWriter(
            root, provider, file, metadata, IpcOption.DEFAULT, ArrowCodecs.INSTANCE, codec);
    try {
      writer.start();
    } catch (IOException | RuntimeException e) {
      release();
      throw e;
    }
  }

  static boolean knows(Field field) {
    return field.getDictionary() == null || field.getType() instanceof ArrowType.Int;
  }

  @Override
  public boolean accepts(Batch batch) {
    boolean all = true;
    for (FieldVector column : batch.root().getFieldVectors()) {
      if (column.getField().getDictionary() != null) {
        all &= dictionaries.learn(column, batch.dictionaries());
      }
    }
    return all;
  }

  @Override
  public void write(Batch batch, int from, int count) throws IOException {
    if (from == 0) {
      write(batch, batch.root());
    } else {
      try (VectorSchemaRoot rest = batch.root().slice(from, count)) {
        write(batch, rest);
      }
    }
  }

  private void write(Batch batch, VectorSchemaRoot rows) throws IOException {
    try (ArrowRecordBatch record = new VectorUnloader(rows).getRecordBatch()) {
      new VectorLoader(root).load(record);
    }
    List<FieldVector> columns = rows.getFieldVectors();
    for (int i = 0; i < columns.size(); i++) {
      FieldVector column = columns.get(i);
      if (column.getField().getDictionary() != null) {
        encode(i, column, batch, rows.getRowCount());
      }
    }
    writer.writeBatch();
    root.clear();
  }

  private void encode(int index, FieldVector column, Batch batch, int rows) {
    FieldVector texts =
        batch.dictionaries().lookup(column.getField().getDictionary().getId()).getVector();
    int[] codes = translations.get(index);
    if (codes == null || !texts.equals(translated.get(index))) {
      codes = dictionaries.translate(column, batch.dictionaries());
      translations.put(index, codes);
      translated.put(index, texts); // vectors are equal only to themselves
    }
    FieldVector out = root.getVector(index);
    out.clear(); // the loaded buffers belong to the batch and are not written
    out.setInitialCapacity(rows);
    out.allocateNew();
    BaseIntVector in = (BaseIntVector) column;
    for (int row = 0; row < rows; row++) {
      if (!column.isNull(row)) {
        int code = codes[(int) in.getValueAsLong(row)];
        if (code >= 0) {
          ((BaseIntVector) out).setWithPossibleTruncate(row, code);
        }
      }
    }
    out.setValueCount(rows);
  }

  @Override
  public long size() {
    return file.count();
  }

  @Override
  public void finish(long last) throws IOException {
    metadata.put(FileKey.LAST, Long.toString(last));
    writer.end();
  }

  @Override
  public void release() {
    root.close();
    owned.forEach(dictionary -> dictionary.getVector().close());
    owned.clear();
  }
}
