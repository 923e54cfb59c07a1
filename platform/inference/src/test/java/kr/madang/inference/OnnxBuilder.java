package kr.madang.inference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes small ONNX files by hand: the protobuf messages ModelProto, GraphProto, NodeProto and so
 * on with the field numbers of onnx.proto.
 */
public final class OnnxBuilder {
  private static final List<String> TYPES =
      List.of(
          "undefined",
          "float32",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "float64",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16");

  private final Message graph = new Message();
  private final List<Message> notes = new ArrayList<>();
  private int nodes;

  /** One protobuf message in the making. */
  public static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A field with a number. */
    public Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    /** A field with a 32-bit floating point number. */
    public Message real(int field, float value) {
      varint((long) field << 3 | 5);
      bytes.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
      return this;
    }

    /** A field with text. */
    public Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A field with another message. */
    public Message message(int field, Message value) {
      return bytes(field, value.bytes.toByteArray());
    }

    /** A field with bytes. */
    public Message bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      bytes.writeBytes(value);
      return this;
    }

    /** What is written so far. */
    public byte[] toBytes() {
      return bytes.toByteArray();
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

  /** The number of an element type in the format. */
  public static int type(String type) {
    int number = TYPES.indexOf(type);
    if (number < 0) {
      throw new IllegalArgumentException(type);
    }
    return number;
  }

  /** An input; a dimension is a {@code Number} or a {@code String} where it varies. */
  public OnnxBuilder input(String name, String type, Object... shape) {
    graph.message(11, value(name, type, shape));
    return this;
  }

  /** An output. */
  public OnnxBuilder output(String name, String type, Object... shape) {
    graph.message(12, value(name, type, shape));
    return this;
  }

  private static Message value(String name, String type, Object... shape) {
    Message dimensions = new Message();
    for (Object dimension : shape) {
      Message one = new Message();
      if (dimension instanceof Number number) {
        one.number(1, number.longValue());
      } else {
        one.text(2, dimension.toString());
      }
      dimensions.message(1, one);
    }
    Message tensor = new Message().number(1, type(type)).message(2, dimensions);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /** An output without a shape in the file. */
  public OnnxBuilder shapeless(String name, String type) {
    Message tensor = new Message().number(1, type(type));
    graph.message(12, new Message().text(1, name).message(2, new Message().message(1, tensor)));
    return this;
  }

  /** An output that is a sequence of maps from int64 to float, as ZipMap makes. */
  public OnnxBuilder mapsOutput(String name) {
    Message value = new Message().message(1, new Message().number(1, type("float32")));
    Message map = new Message().number(1, type("int64")).message(2, value);
    Message sequence = new Message().message(1, new Message().message(5, map));
    graph.message(12, new Message().text(1, name).message(2, new Message().message(4, sequence)));
    return this;
  }

  /** Weights. */
  public OnnxBuilder weights(String name, float[] values, long... shape) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return initializer(name, "float32", raw.array(), shape);
  }

  /** Integer weights. */
  public OnnxBuilder integers(String name, long[] values, long... shape) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    return initializer(name, "int64", raw.array(), shape);
  }

  private OnnxBuilder initializer(String name, String type, byte[] raw, long... shape) {
    Message tensor = new Message();
    for (long dimension : shape) {
      tensor.number(1, dimension);
    }
    graph.message(5, tensor.number(2, type(type)).text(8, name).bytes(9, raw));
    return this;
  }

  /** A constant of any type, by its bytes. */
  public OnnxBuilder constant(String name, String type, byte[] raw, long... shape) {
    return initializer(name, type, raw, shape);
  }

  /** Weights in another file. */
  public OnnxBuilder external(
      String name, String type, String location, long offset, long length, long... shape) {
    Message tensor = new Message();
    for (long dimension : shape) {
      tensor.number(1, dimension);
    }
    tensor
        .number(2, type(type))
        .text(8, name)
        .message(13, new Message().text(1, "location").text(2, location))
        .message(13, new Message().text(1, "offset").text(2, Long.toString(offset)))
        .message(13, new Message().text(1, "length").text(2, Long.toString(length)))
        .number(14, 1);
    graph.message(5, tensor);
    return this;
  }

  /** A node with a graph in it, such as the body of a Loop. */
  public OnnxBuilder around(
      String operator,
      List<String> inputs,
      List<String> outputs,
      String attribute,
      OnnxBuilder body) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, "node" + nodes++).text(4, operator);
    body.graph.text(2, attribute);
    node.message(5, new Message().text(1, attribute).message(6, body.graph).number(20, 5));
    graph.message(1, node);
    return this;
  }

  /** Something else in the graph. */
  public OnnxBuilder part(int field, Message value) {
    graph.message(field, value);
    return this;
  }

  /** A note of the producer. */
  public OnnxBuilder note(String key, String value) {
    notes.add(new Message().text(1, key).text(2, value));
    return this;
  }

  /** A node without attributes; an integer attribute is written {@code "name=7"}. */
  public OnnxBuilder node(
      String operator, List<String> inputs, List<String> outputs, String... attributes) {
    return node("", operator, inputs, outputs, attributes);
  }

  /** A node of another operator set. */
  public OnnxBuilder node(
      String domain,
      String operator,
      List<String> inputs,
      List<String> outputs,
      String... attributes) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, "node" + nodes++).text(4, operator);
    for (String attribute : attributes) {
      String[] parts = attribute.split("=");
      Message message = new Message().text(1, parts[0]);
      String[] numbers = parts[1].split(",");
      if (parts[1].endsWith(",")) {
        for (String number : numbers) {
          message.number(8, Long.parseLong(number));
        }
        node.message(5, message.number(20, 7));
      } else {
        node.message(5, message.number(3, Long.parseLong(parts[1])).number(20, 2));
      }
    }
    graph.message(1, node.text(7, domain));
    return this;
  }

  /** The file's bytes. */
  public byte[] bytes() {
    graph.text(2, "graph");
    Message model =
        new Message()
            .number(1, 8)
            .text(2, "madang-test")
            .message(7, graph)
            .message(8, new Message().text(1, "").number(2, 17))
            .message(8, new Message().text(1, "ai.onnx.ml").number(2, 3));
    notes.forEach(note -> model.message(14, note));
    return model.bytes.toByteArray();
  }

  /** Writes the file. */
  public Path write(Path file) {
    try {
      return Files.write(file, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A model that gives back what it gets. */
  public static OnnxBuilder identity(String type, Object... shape) {
    return new OnnxBuilder()
        .input("x", type, shape)
        .output("y", type, shape)
        .node("Identity", List.of("x"), List.of("y"));
  }

  /** A perceptron with ReLU between its layers, {@code x} [n, first] to {@code y} [n, last]. */
  public static OnnxBuilder perceptron(long seed, int... layers) {
    var random = new java.util.Random(seed);
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", layers[0])
            .output("y", "float32", "n", layers[layers.length - 1]);
    String from = "x";
    for (int i = 1; i < layers.length; i++) {
      float[] weights = new float[layers[i - 1] * layers[i]];
      for (int j = 0; j < weights.length; j++) {
        weights[j] = (float) (random.nextGaussian() / Math.sqrt(layers[i - 1]));
      }
      boolean last = i == layers.length - 1;
      String sum = last ? "y" : "sum" + i;
      builder
          .weights("w" + i, weights, layers[i - 1], layers[i])
          .weights("b" + i, new float[layers[i]], layers[i])
          .node("Gemm", List.of(from, "w" + i, "b" + i), List.of(sum));
      if (!last) {
        builder.node("Relu", List.of(sum), List.of("h" + i));
        from = "h" + i;
      }
    }
    return builder;
  }
}
