package kr.madang.gateway.flight;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.message.ArrowBuffer;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a stage as messages of one stream: its schema before the first, a dictionary whenever
 * it is another one. One thread.
 */
final class BatchMessages {
  private final Map<Long, FieldVector> sent = new HashMap<>();
  private @Nullable Schema schema;

  /**
   * The messages for a batch.
   *
   * @param rows of it, from the first
   */
  List<byte[]> of(Batch batch, int rows, byte[] metadata) {
    List<byte[]> messages = new ArrayList<>(3);
    Set<Long> dictionaries = new HashSet<>();
    if (schema == null) {
      schema = batch.schema();
      List<Field> fields = new ArrayList<>();
      for (Field field : batch.schema().getFields()) {
        fields.add(DictionaryUtility.toMessageFormat(field, batch.dictionaries(), dictionaries));
      }
      messages.add(
          FlightData.of(
              MessageSerializer.serializeMetadata(
                  new Schema(fields, batch.schema().getCustomMetadata()), IpcOption.DEFAULT),
              new byte[0]));
    } else if (!schema.equals(batch.schema())) {
      throw new IllegalStateException("a stage has changed its schema while it ran");
    }
    for (Field field : batch.schema().getFields()) {
      dictionary(field, batch, messages);
    }
    if (rows == batch.rows()) {
      messages.add(rows(batch.root(), metadata));
    } else {
      try (VectorSchemaRoot part = batch.root().slice(0, rows)) {
        messages.add(rows(part, metadata));
      }
    }
    return messages;
  }

  @SuppressWarnings("ReferenceEquality") // the same vector, or another dictionary
  private void dictionary(Field field, Batch batch, List<byte[]> messages) {
    field.getChildren().forEach(child -> dictionary(child, batch, messages));
    if (field.getDictionary() == null) {
      return;
    }
    long id = field.getDictionary().getId();
    Dictionary dictionary = batch.dictionaries().lookup(id);
    FieldVector vector = dictionary.getVector();
    if (sent.put(id, vector) == vector) {
      return;
    }
    VectorSchemaRoot values =
        new VectorSchemaRoot(List.of(vector.getField()), List.of(vector), vector.getValueCount());
    try (ArrowDictionaryBatch words =
        new ArrowDictionaryBatch(id, new VectorUnloader(values).getRecordBatch(), false)) {
      ByteBuffer head = MessageSerializer.serializeMetadata(words, IpcOption.DEFAULT);
      messages.add(message(head, words.getDictionary(), new byte[0]));
    }
  }

  private static byte[] rows(VectorSchemaRoot root, byte[] metadata) {
    try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
      return message(
          MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT), batch, metadata);
    }
  }

  private static byte[] message(ByteBuffer head, ArrowRecordBatch batch, byte[] metadata) {
    int length = Math.toIntExact(batch.computeBodyLength());
    return FlightData.of(
        head,
        metadata,
        length,
        (bytes, from) -> {
          List<ArrowBuf> buffers = batch.getBuffers();
          List<ArrowBuffer> layout = batch.getBuffersLayout();
          for (int i = 0; i < buffers.size(); i++) {
            int size = (int) layout.get(i).getSize();
            if (size > 0) {
              buffers.get(i).getBytes(0, bytes, from + (int) layout.get(i).getOffset(), size);
            }
          }
        });
  }
}
