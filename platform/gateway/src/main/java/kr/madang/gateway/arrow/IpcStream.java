package kr.madang.gateway.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stream in the IPC streaming format: a schema, then rows. */
public final class IpcStream {
  private static final int CONTINUED = 0xFFFF_FFFF;
  private static final int MOST_HEAD = 1 << 20;
  private static final int MOST_PARTS = 1_024;

  private final TableSchema schema;
  private final List<Map<String, Column>> parts;

  private IpcStream(TableSchema schema, List<Map<String, Column>> parts) {
    this.schema = schema;
    this.parts = parts;
  }

  /**
   * Reads all of a stream; the columns stay where they lie.
   *
   * @throws kr.madang.sdk.error.PluginException SCHEMA_MISFIT for what is no stream
   */
  public static IpcStream read(byte[] bytes, int length) {
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
    Columns columns = null;
    List<Map<String, Column>> parts = new ArrayList<>(1);
    for (IpcMessage message = next(in); message != null; message = next(in)) {
      switch (message) {
        case IpcMessage.Head head -> {
          if (columns != null) {
            throw Refused.because("a stream: expected rows or its end, got a second schema");
          }
          columns = new Columns(head.schema());
        }
        case IpcMessage.Words words -> begun(columns).take(words);
        case IpcMessage.Rows rows -> {
          if (parts.size() == MOST_PARTS) {
            throw Refused.because("a stream: expected at most %d record batches", MOST_PARTS);
          }
          parts.add(begun(columns).of(rows));
        }
      }
    }
    Columns begun = begun(columns);
    if (parts.isEmpty()) {
      parts.add(begun.none());
    }
    return new IpcStream(begun.schema(), parts);
  }

  private static Columns begun(@Nullable Columns columns) {
    if (columns == null) {
      throw Refused.because("a stream: expected a schema first");
    }
    return columns;
  }

  private static @Nullable IpcMessage next(ByteBuffer in) {
    if (in.remaining() < 4) {
      // an end that is not said, as some writers have it
      if (in.hasRemaining()) {
        throw Refused.because("a stream: %d bytes are left behind its messages", in.remaining());
      }
      return null;
    }
    int size = in.getInt();
    if (size == CONTINUED) {
      if (in.remaining() < 4) {
        throw Refused.because("a stream ends within a message");
      }
      size = in.getInt();
    }
    if (size == 0) {
      return null;
    }
    if (size < 8 || size > MOST_HEAD || size > in.remaining()) {
      throw Refused.because(
          "a stream: byte %d: expected 8 to %d bytes of metadata, got %d",
          in.position(), Math.min(MOST_HEAD, in.remaining()), size);
    }
    ByteBuffer head = in.slice(in.position(), size).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + size);
    long body = bodyLength(head.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    if (body < 0 || body > in.remaining()) {
      throw Refused.because(
          "a stream: byte %d: expected a body of at most %d bytes, got %d",
          in.position(), in.remaining(), body);
    }
    int from = in.arrayOffset() + in.position();
    in.position(in.position() + (int) body);
    return IpcMessage.read(head, in.array(), from, (int) body);
  }

  private static long bodyLength(ByteBuffer head) {
    try {
      return org.apache.arrow.flatbuf.Message.getRootAsMessage(head).bodyLength();
    } catch (RuntimeException e) {
      throw Refused.because("the metadata of an Arrow message cannot be read: they are damaged");
    }
  }

  /** What its columns are. */
  public TableSchema schema() {
    return schema;
  }

  /** The columns of each record batch; of a stream without any those of no rows. */
  public List<Map<String, Column>> parts() {
    return parts;
  }

  /** A whole stream with one record batch. */
  public static byte[] write(OutputTable table, Map<String, String> metadata) {
    ByteBuffer schema = OutputTable.schema(table.shapes(), metadata);
    ByteBuffer head = table.head();
    int body = table.bodyLength();
    int first = 8 + padded(schema.remaining());
    int second = 8 + padded(head.remaining());
    byte[] bytes = new byte[Math.addExact(first + second + 8, body)];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    message(out, schema);
    message(out, head);
    table.body(bytes, out.position());
    out.position(out.position() + body);
    out.putInt(CONTINUED).putInt(0);
    return bytes;
  }

  private static void message(ByteBuffer out, ByteBuffer head) {
    int length = padded(head.remaining());
    int end = out.position() + 8 + length;
    out.putInt(CONTINUED).putInt(length).put(head);
    out.position(end);
  }

  private static int padded(int length) {
    return (length + 7) / 8 * 8;
  }
}
