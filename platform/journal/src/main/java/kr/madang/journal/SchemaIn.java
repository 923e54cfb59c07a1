package kr.madang.journal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;

/** A schema with its dictionaries as it was read; shared by the batches that were read with it. */
final class SchemaIn implements AutoCloseable {
  final byte[] bytes;
  final Schema schema;
  final DictionaryProvider dictionaries;
  private final List<FieldVector> vectors = new ArrayList<>();
  private final AtomicInteger holders = new AtomicInteger(1);

  private SchemaIn(byte[] bytes, Schema schema, DictionaryProvider dictionaries) {
    this.bytes = bytes;
    this.schema = schema;
    this.dictionaries = dictionaries;
  }

  /**
   * Reads.
   *
   * @throws IOException if the bytes are no schema
   */
  static SchemaIn read(byte[] bytes, BufferAllocator allocator) throws IOException {
    Map<Long, Dictionary> dictionaries = new HashMap<>();
    boolean done = false;
    try (ReadChannel in = new ReadChannel(Channels.newChannel(new ByteArrayInputStream(bytes)))) {
      Schema written = MessageSerializer.deserializeSchema(in);
      List<Field> fields = new ArrayList<>();
      for (Field field : written.getFields()) {
        fields.add(DictionaryUtility.toMemoryFormat(field, allocator, dictionaries));
      }
      for (int left = dictionaries.size(); left > 0; left--) {
        try (ArrowDictionaryBatch batch =
            MessageSerializer.deserializeDictionaryBatch(in, allocator)) {
          load(dictionaries, batch);
        }
      }
      SchemaIn read =
          new SchemaIn(
              bytes,
              new Schema(fields, written.getCustomMetadata()),
              new DictionaryProvider.MapDictionaryProvider(
                  dictionaries.values().toArray(Dictionary[]::new)));
      dictionaries.values().forEach(d -> read.vectors.add(d.getVector()));
      done = true;
      return read;
    } catch (RuntimeException e) {
      throw new IOException("a schema cannot be read: " + e, e);
    } finally {
      if (!done) {
        dictionaries.values().forEach(d -> d.getVector().close());
      }
    }
  }

  private static void load(Map<Long, Dictionary> dictionaries, ArrowDictionaryBatch batch)
      throws IOException {
    Dictionary dictionary = dictionaries.get(batch.getDictionaryId());
    if (dictionary == null) {
      throw new IOException("no field has the dictionary " + batch.getDictionaryId());
    }
    FieldVector vector = dictionary.getVector();
    VectorSchemaRoot root = new VectorSchemaRoot(List.of(vector.getField()), List.of(vector), 0);
    new VectorLoader(root).load(batch.getDictionary());
  }

  /** Makes a batch of rows that were read with it. */
  Batch batch(VectorSchemaRoot root) {
    if (vectors.isEmpty()) {
      return Batch.of(root);
    }
    holders.incrementAndGet();
    return Batch.of(root, dictionaries, this::close);
  }

  /** Gives up the reader's hold, or that of one batch. */
  @Override
  public void close() {
    if (holders.decrementAndGet() == 0) {
      vectors.forEach(FieldVector::close);
    }
  }
}
