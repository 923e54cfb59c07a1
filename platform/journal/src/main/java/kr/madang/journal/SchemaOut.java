package kr.madang.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;
import org.jspecify.annotations.Nullable;

/** A schema with its dictionaries as it is written: an Arrow stream without record batches. */
final class SchemaOut {
  final int id;
  final byte[] bytes;
  private Schema schema;
  private List<FieldVector> dictionaries;

  private SchemaOut(int id, byte[] bytes, Schema schema, List<FieldVector> dictionaries) {
    this.id = id;
    this.bytes = bytes;
    this.schema = schema;
    this.dictionaries = dictionaries;
  }

  /**
   * The schema of a batch: the one before it, if nothing has changed.
   *
   * @param ids gives the number of a new one
   */
  static SchemaOut of(Batch batch, @Nullable SchemaOut before, AtomicInteger ids) {
    Schema schema = batch.schema();
    if (before != null && before.isOf(batch, schema)) {
      return before;
    }
    Set<Long> used = new LinkedHashSet<>();
    byte[] bytes = encode(batch.dictionaries(), schema, used);
    List<FieldVector> dictionaries = new ArrayList<>();
    used.forEach(id -> dictionaries.add(batch.dictionaries().lookup(id).getVector()));
    if (before != null && Arrays.equals(before.bytes, bytes)) {
      before.schema = schema;
      before.dictionaries = dictionaries;
      return before;
    }
    return new SchemaOut(ids.incrementAndGet(), bytes, schema, dictionaries);
  }

  /** Compares by identity first, so that a stream that stays the same costs next to nothing. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isOf(Batch batch, Schema other) {
    if (schema != other && !schema.equals(other)) {
      return false;
    }
    schema = other;
    if (dictionaries.isEmpty()) {
      return true;
    }
    DictionaryProvider provider = batch.dictionaries();
    int at = 0;
    for (Field field : other.getFields()) {
      if (field.getChildren().isEmpty()) {
        if (field.getDictionary() != null) {
          Dictionary dictionary = provider.lookup(field.getDictionary().getId());
          if (dictionary == null
              || at >= dictionaries.size()
              || dictionary.getVector() != dictionaries.get(at++)) {
            return false;
          }
        }
      } else {
        // dictionaries of nested fields are compared by content
        return false;
      }
    }
    return at == dictionaries.size();
  }

  private static byte[] encode(DictionaryProvider provider, Schema schema, Set<Long> used) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WriteChannel out = new WriteChannel(Channels.newChannel(bytes))) {
      List<Field> fields = new ArrayList<>();
      for (Field field : schema.getFields()) {
        fields.add(DictionaryUtility.toMessageFormat(field, provider, used));
      }
      MessageSerializer.serialize(out, new Schema(fields, schema.getCustomMetadata()));
      for (long id : used) {
        FieldVector vector = provider.lookup(id).getVector();
        int count = vector.getValueCount();
        VectorSchemaRoot root =
            new VectorSchemaRoot(List.of(vector.getField()), List.of(vector), count);
        try (ArrowRecordBatch rows = new VectorUnloader(root).getRecordBatch();
            ArrowDictionaryBatch dictionary = new ArrowDictionaryBatch(id, rows, false)) {
          MessageSerializer.serialize(out, dictionary);
        }
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
