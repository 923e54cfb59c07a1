package kr.madang.e2e;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small ONNX files, written field by field as onnx.proto numbers them. */
final class OnnxFile {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int DOUBLE = 11;

  private final Message graph = new Message();

  private OnnxFile() {}

  /** One protobuf message in the making. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      bytes.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.bytes.toByteArray());
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }
  }

  /** {@code y = x + by} of doubles, any number of rows of one column. */
  static byte[] plusDouble(double by) {
    ByteBuffer raw = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(by);
    return new OnnxFile()
        .value(11, "x", DOUBLE, 1)
        .value(12, "y", DOUBLE, 1)
        .weights("by", DOUBLE, raw.array(), 1)
        .node("Add", List.of("x", "by"), List.of("y"))
        .bytes();
  }

  /** {@code y = x + by}, any number of rows of so many columns. */
  static byte[] plus(float by, int columns) {
    return new OnnxFile()
        .value(11, "x", FLOAT, columns)
        .value(12, "y", FLOAT, columns)
        .weights("by", FLOAT, floats(by), 1)
        .node("Add", List.of("x", "by"), List.of("y"))
        .bytes();
  }

  /** As {@link #plus}, and fails for each row that holds a number outside of [0, 2). */
  static byte[] picky(float by, int columns) {
    return new OnnxFile()
        .value(11, "x", FLOAT, columns)
        .value(12, "y", FLOAT, columns)
        .weights("by", FLOAT, floats(by), 1)
        .weights("table", FLOAT, floats(0, 0), 2)
        .node("Cast", List.of("x"), List.of("whole"), INT64)
        .node("Gather", List.of("table", "whole"), List.of("nothing"))
        .node("Add", List.of("x", "nothing"), List.of("same"))
        .node("Add", List.of("same", "by"), List.of("y"))
        .bytes();
  }

  /**
   * The same, by way of two matrices of so many MiB together; all but one element are next to 0.
   */
  static byte[] heavy(float by, int mebibytes) {
    int width = 256;
    int middle = mebibytes * (1 << 20) / 8 / width;
    ByteBuffer first = ByteBuffer.allocate(width * middle * 4).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer second = ByteBuffer.allocate(width * middle * 4).order(ByteOrder.LITTLE_ENDIAN);
    int seed = Float.floatToIntBits(by);
    for (int i = 0; i < width * middle; i++) {
      seed = seed * 1_664_525 + 1_013_904_223;
      first.putFloat(i * 4, seed * 1e-22f);
      second.putFloat(i * 4, (seed >>> 3) * 1e-22f);
    }
    first.putFloat(0, 1);
    second.putFloat(0, 1);
    return new OnnxFile()
        .value(11, "x", FLOAT, width)
        .value(12, "y", FLOAT, width)
        .weights("first", FLOAT, first.array(), width, middle)
        .weights("second", FLOAT, second.array(), middle, width)
        .weights("by", FLOAT, floats(by), 1)
        .node("MatMul", List.of("x", "first"), List.of("h"))
        .node("MatMul", List.of("h", "second"), List.of("same"))
        .node("Add", List.of("same", "by"), List.of("y"))
        .bytes();
  }

  private static byte[] floats(float... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return raw.array();
  }

  /** An input (field 11) or output (12) of any number of rows. */
  private OnnxFile value(int field, String name, int type, int columns) {
    Message shape =
        new Message()
            .message(1, new Message().text(2, "n"))
            .message(1, new Message().number(1, columns));
    Message tensor = new Message().number(1, type).message(2, shape);
    graph.message(field, new Message().text(1, name).message(2, new Message().message(1, tensor)));
    return this;
  }

  private OnnxFile weights(String name, int type, byte[] raw, long... shape) {
    Message tensor = new Message();
    for (long dimension : shape) {
      tensor.number(1, dimension);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
    return this;
  }

  /** A node; a number is the attribute {@code to} of a Cast. */
  private OnnxFile node(String operator, List<String> inputs, List<String> outputs, int... to) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, outputs.getFirst()).text(4, operator);
    for (int number : to) {
      node.message(5, new Message().text(1, "to").number(3, number).number(20, 2));
    }
    graph.message(1, node);
    return this;
  }

  private byte[] bytes() {
    graph.text(2, "graph");
    return new Message()
        .number(1, 8)
        .text(2, "madang-e2e")
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, 17))
        .bytes
        .toByteArray();
  }
}
