package kr.madang.gateway.arrow;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import kr.madang.inference.ModelInfo;
import kr.madang.inference.Tensor;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The columns that outputs of a graph become: {@code [n]} and {@code [n, 1]} a plain one, {@code
 * [n, k]} a FixedSizeList of k values; of a higher rank a FixedSizeList of all values of a row
 * whose field says the shape as {@code arrow.fixed_shape_tensor}.
 */
public final class OutputTable {
  private static final int ALIGNED = 8;

  private final List<Shape> shapes;
  private final List<Tensor> tensors;
  private final int rows;

  /**
   * A column.
   *
   * @param type the ONNX element type
   * @param row the dimensions behind the first
   */
  public record Shape(String name, String type, List<Long> row) {
    private int values() {
      return Math.toIntExact(row.stream().reduce(1L, Math::multiplyExact));
    }

    private boolean isPlain() {
      return row.isEmpty() || row.equals(List.of(1L));
    }
  }

  private OutputTable(List<Shape> shapes, List<Tensor> tensors, int rows) {
    this.shapes = shapes;
    this.tensors = tensors;
    this.rows = rows;
  }

  /**
   * Of a run.
   *
   * @throws kr.madang.sdk.error.PluginException SCHEMA_MISFIT for outputs that are no columns of as
   *     many rows each
   */
  public static OutputTable of(List<Tensor> outputs) {
    List<Shape> shapes = new ArrayList<>(outputs.size());
    long rows =
        outputs.isEmpty() || outputs.getFirst().shape().length == 0
            ? 0
            : outputs.getFirst().shape()[0];
    for (Tensor output : outputs) {
      long[] shape = output.shape();
      boolean empty = Arrays.stream(shape).skip(1).anyMatch(size -> size == 0);
      if (shape.length == 0 || shape[0] != rows || empty) {
        throw Refused.because(
            "output '%s' has shape %s, which is no column of %d rows: ask for other outputs, or"
                + " take the answer as JSON or as bytes",
            output.name(), Arrays.toString(shape), rows);
      }
      shapes.add(
          new Shape(output.name(), output.type(), Arrays.stream(shape).skip(1).boxed().toList()));
    }
    return new OutputTable(shapes, outputs, (int) rows);
  }

  /** What the outputs will be, if the graph says it whatever the inputs are. */
  public static Optional<List<Shape>> expected(
      List<ModelInfo.Signature> outputs, List<String> wanted) {
    Map<String, ModelInfo.Signature> known =
        outputs.stream().collect(Collectors.toMap(ModelInfo.Signature::name, one -> one));
    List<String> names =
        wanted.isEmpty() ? outputs.stream().map(ModelInfo.Signature::name).toList() : wanted;
    List<Shape> shapes = new ArrayList<>(names.size());
    for (String name : names) {
      ModelInfo.Signature one = known.get(name);
      if (one == null || one.shape().isEmpty()) {
        return Optional.empty();
      }
      List<Long> row = one.shape().subList(1, one.shape().size());
      if (row.stream().anyMatch(size -> size < 1)) {
        return Optional.empty();
      }
      shapes.add(new Shape(name, one.type(), List.copyOf(row)));
    }
    return Optional.of(shapes);
  }

  /** The columns. */
  public List<Shape> shapes() {
    return shapes;
  }

  /** Of each column. */
  public int rows() {
    return rows;
  }

  /** The message that says what the columns are. */
  public static ByteBuffer schema(List<Shape> shapes, Map<String, String> metadata) {
    return MessageSerializer.serializeMetadata(
        new Schema(shapes.stream().map(OutputTable::field).toList(), metadata), IpcOption.DEFAULT);
  }

  /** The fields of the same columns. */
  public static Field field(Shape shape) {
    ArrowType type = type(shape.type());
    if (shape.isPlain()) {
      return Field.notNullable(shape.name(), type);
    }
    Map<String, String> metadata = new HashMap<>();
    if (shape.row().size() > 1) {
      metadata.put("ARROW:extension:name", "arrow.fixed_shape_tensor");
      metadata.put("ARROW:extension:metadata", "{\"shape\":" + shape.row() + "}");
    }
    return new Field(
        shape.name(),
        new FieldType(false, new ArrowType.FixedSizeList(shape.values()), null, metadata),
        List.of(Field.notNullable("item", type)));
  }

  private static ArrowType type(String element) {
    return switch (element) {
      case "float16" -> new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
      case "float32" -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case "float64" -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case "bfloat16" -> new ArrowType.FixedSizeBinary(2);
      case "bool" -> ArrowType.Bool.INSTANCE;
      case "string" -> ArrowType.Utf8.INSTANCE;
      default -> {
        boolean signed = element.startsWith("int");
        int bits = Integer.parseInt(element.substring(signed ? 3 : 4));
        yield new ArrowType.Int(bits, signed);
      }
    };
  }

  /** Bytes of the values of all columns, each padded. */
  public int bodyLength() {
    long length = 0;
    for (int i = 0; i < shapes.size(); i++) {
      length += padded(offsets(i)) + padded(data(i));
    }
    return Math.toIntExact(length);
  }

  private long values(int column) {
    return (long) rows * shapes.get(column).values();
  }

  private long offsets(int column) {
    return shapes.get(column).type().equals("string") ? 4 * (values(column) + 1) : 0;
  }

  private long data(int column) {
    long bytes = tensors.get(column).data().remaining();
    return switch (shapes.get(column).type()) {
      case "bool" -> (bytes + 7) / 8;
      case "string" -> bytes - 4 * values(column);
      default -> bytes;
    };
  }

  private static long padded(long length) {
    return (length + ALIGNED - 1) / ALIGNED * ALIGNED;
  }

  /** The message that says where the values lie in the body. */
  public ByteBuffer head() {
    List<long[]> nodes = new ArrayList<>();
    List<long[]> buffers = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < shapes.size(); i++) {
      Shape shape = shapes.get(i);
      if (!shape.isPlain()) {
        nodes.add(new long[] {rows, 0});
        buffers.add(new long[] {at, 0});
      }
      nodes.add(new long[] {values(i), 0});
      buffers.add(new long[] {at, 0});
      if (shape.type().equals("string")) {
        buffers.add(new long[] {at, offsets(i)});
        at += padded(offsets(i));
      }
      buffers.add(new long[] {at, data(i)});
      at += padded(data(i));
    }
    FlatBufferBuilder builder = new FlatBufferBuilder(256 + 16 * (nodes.size() + buffers.size()));
    RecordBatch.startNodesVector(builder, nodes.size());
    for (long[] node : nodes.reversed()) {
      FieldNode.createFieldNode(builder, node[0], node[1]);
    }
    int nodesAt = builder.endVector();
    RecordBatch.startBuffersVector(builder, buffers.size());
    for (long[] buffer : buffers.reversed()) {
      Buffer.createBuffer(builder, buffer[0], buffer[1]);
    }
    int buffersAt = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, rows);
    RecordBatch.addNodes(builder, nodesAt);
    RecordBatch.addBuffers(builder, buffersAt);
    int batch = RecordBatch.endRecordBatch(builder);
    Message.startMessage(builder);
    Message.addVersion(builder, MetadataVersion.V5);
    Message.addHeaderType(builder, MessageHeader.RecordBatch);
    Message.addHeader(builder, batch);
    Message.addBodyLength(builder, at);
    builder.finish(Message.endMessage(builder));
    return builder.dataBuffer();
  }

  /** Writes the values. */
  public void body(byte[] to, int from) {
    int at = from;
    for (int i = 0; i < shapes.size(); i++) {
      ByteBuffer data = tensors.get(i).data();
      switch (shapes.get(i).type()) {
        case "string" -> texts(data, to, at, at + (int) padded(offsets(i)));
        case "bool" -> {
          for (int bit = 0; bit < data.remaining(); bit++) {
            if (data.get(data.position() + bit) != 0) {
              to[at + (bit >>> 3)] |= (byte) (1 << (bit & 7));
            }
          }
        }
        default -> data.get(data.position(), to, at, data.remaining());
      }
      at += (int) (padded(offsets(i)) + padded(data(i)));
    }
  }

  private static void texts(ByteBuffer data, byte[] to, int offsets, int texts) {
    ByteBuffer from = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer out = ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN);
    int sum = 0;
    int at = offsets;
    out.putInt(at, 0);
    while (from.hasRemaining()) {
      int length = from.getInt();
      from.get(to, texts + sum, length);
      sum += length;
      at += 4;
      out.putInt(at, sum);
    }
  }
}
