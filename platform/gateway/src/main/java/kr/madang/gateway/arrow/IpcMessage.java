package kr.madang.gateway.arrow;

import java.nio.ByteBuffer;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/** One message of a stream; its values stay where they lie. */
public sealed interface IpcMessage {
  /** What the columns are. */
  record Head(TableSchema schema) implements IpcMessage {}

  /** Some rows. */
  record Rows(Block block) implements IpcMessage {}

  /** The values of a dictionary, instead of those that it had. */
  record Words(long dictionary, Block block) implements IpcMessage {}

  /**
   * Where the values of a message lie; every place is within its bytes.
   *
   * @param rows of the message
   * @param nodes rows and nulls of each column and of what is within it
   * @param buffers offset and length of each buffer
   * @param bytes in which they lie
   */
  record Block(int rows, int[] nodes, int[] buffers, byte[] bytes) {}

  /** Columns, and what is within them. */
  int MOST_NODES = 4_096;

  /**
   * Reads a message.
   *
   * @param head the flat buffer that says what it is
   * @param bytes with the body
   * @param from where the body begins
   * @param length of the body
   * @throws PluginException SCHEMA_MISFIT for what is no message or none that can be carried
   */
  static IpcMessage read(ByteBuffer head, byte[] bytes, int from, int length) {
    try {
      return message(head, bytes, from, length);
    } catch (PluginException e) {
      throw e;
    } catch (RuntimeException e) {
      // offsets of a flat buffer that point anywhere show as one of many exceptions
      throw Refused.because("the metadata of an Arrow message cannot be read: they are damaged");
    }
  }

  private static IpcMessage message(ByteBuffer head, byte[] bytes, int from, int length) {
    Message message = Message.getRootAsMessage(head);
    if (message.version() < MetadataVersion.V4 || message.version() > MetadataVersion.V5) {
      throw Refused.because(
          "an Arrow message: expected version 4 or 5 of its metadata, got %d",
          message.version() + 1);
    }
    if (message.bodyLength() < 0 || message.bodyLength() > length) {
      throw Refused.because(
          "an Arrow message: expected a body of %d bytes, got %d", message.bodyLength(), length);
    }
    int body = (int) message.bodyLength();
    return switch (message.headerType()) {
      case MessageHeader.Schema ->
          new Head(TableSchema.of(known((Schema) message.header(new Schema()))));
      case MessageHeader.RecordBatch ->
          new Rows(
              block(known((RecordBatch) message.header(new RecordBatch())), bytes, from, body));
      case MessageHeader.DictionaryBatch -> {
        DictionaryBatch words = known((DictionaryBatch) message.header(new DictionaryBatch()));
        if (words.isDelta()) {
          throw Refused.because(
              "dictionary %d: expected all of its values, got some more (a delta)", words.id());
        }
        yield new Words(words.id(), block(known(words.data()), bytes, from, body));
      }
      default ->
          throw Refused.because(
              "an Arrow message: expected a schema, a record batch or a dictionary, got kind %d",
              message.headerType());
    };
  }

  private static <T> T known(@Nullable T part) {
    if (part == null) {
      throw Refused.because("an Arrow message lacks its header");
    }
    return part;
  }

  private static Block block(RecordBatch batch, byte[] bytes, int from, int body) {
    if (batch.compression() != null) {
      throw Refused.because("a record batch: expected its buffers as they are, got packed ones");
    }
    // the lengths of a damaged flat buffer may be anything, less than 0 too
    int nodeCount = batch.nodesLength();
    int bufferCount = batch.buffersLength();
    within(nodeCount, MOST_NODES, "columns");
    within(bufferCount, 3 * MOST_NODES, "buffers");
    int rows = within(batch.length(), Integer.MAX_VALUE - 8, "rows");
    int[] nodes = new int[2 * nodeCount];
    FieldNode node = new FieldNode();
    for (int i = 0; i < nodeCount; i++) {
      batch.nodes(node, i);
      nodes[2 * i] = within(node.length(), Integer.MAX_VALUE - 8, "rows of a column");
      nodes[2 * i + 1] = within(node.nullCount(), nodes[2 * i], "nulls of a column");
    }
    int[] buffers = new int[2 * bufferCount];
    Buffer buffer = new Buffer();
    for (int i = 0; i < bufferCount; i++) {
      batch.buffers(buffer, i);
      int offset = within(buffer.offset(), body, "where a buffer begins");
      buffers[2 * i] = from + offset;
      buffers[2 * i + 1] = within(buffer.length(), body - offset, "bytes of a buffer");
    }
    return new Block(rows, nodes, buffers, bytes);
  }

  private static int within(long value, int most, String what) {
    if (value < 0 || value > most) {
      throw Refused.because("a record batch: %s: expected 0 to %d, got %d", what, most, value);
    }
    return (int) value;
  }
}
