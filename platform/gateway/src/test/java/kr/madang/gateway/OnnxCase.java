package kr.madang.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One of ONNX's own tests of an operator: a graph, and inputs with the outputs that they must give.
 *
 * @param name of its folder
 * @param model the file
 * @param sets of values, in the order of the graph; empty where the graph has others than tensors
 */
record OnnxCase(
    String name, byte[] model, List<Port> inputs, List<Port> outputs, List<DataSet> sets) {
  /** Element types by their number in the format. */
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

  /**
   * An input or output of the graph.
   *
   * @param kind {@code tensor}, {@code sequence}, {@code optional}, {@code map} or {@code sparse}
   * @param type of the elements of a tensor
   */
  record Port(String name, String kind, String type) {}

  /** Inputs and what must come out. */
  record DataSet(List<Value> inputs, List<Value> outputs) {}

  /**
   * A tensor.
   *
   * @param bytes little endian; of strings each with its length before it
   */
  record Value(String type, long[] shape, byte[] bytes) {
    ByteBuffer data() {
      return ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    }
  }

  static OnnxCase read(Path folder) throws IOException {
    byte[] model = Files.readAllBytes(folder.resolve("model.onnx"));
    Fields graph = new Fields(model).message(7);
    List<Port> inputs = ports(graph, 11);
    List<Port> outputs = ports(graph, 12);
    List<DataSet> sets = new ArrayList<>();
    if (Stream.concat(inputs.stream(), outputs.stream())
        .allMatch(port -> port.kind.equals("tensor"))) {
      try (Stream<Path> found = Files.list(folder)) {
        for (Path set : found.filter(Files::isDirectory).sorted().toList()) {
          sets.add(
              new DataSet(
                  values(set, "input", inputs.size()), values(set, "output", outputs.size())));
        }
      }
    }
    return new OnnxCase(folder.getFileName().toString(), model, inputs, outputs, sets);
  }

  private static List<Value> values(Path set, String kind, int count) throws IOException {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(value(new Fields(Files.readAllBytes(set.resolve(kind + "_" + i + ".pb")))));
    }
    return values;
  }

  private static List<Port> ports(Fields graph, int field) {
    List<Port> ports = new ArrayList<>();
    for (Object one : graph.all(field)) {
      Fields value = new Fields((byte[]) one);
      Fields type = value.message(2);
      String kind =
          type.has(1)
              ? "tensor"
              : type.has(4)
                  ? "sequence"
                  : type.has(5) ? "map" : type.has(9) ? "optional" : "sparse";
      String element = type.has(1) ? TYPES.get((int) type.message(1).number(1)) : "";
      ports.add(new Port(value.text(1), kind, element));
    }
    return ports;
  }

  private static Value value(Fields tensor) throws IOException {
    long[] shape = tensor.numbers(1);
    String type = TYPES.get((int) tensor.number(2));
    if (tensor.has(9)) {
      return new Value(type, shape, (byte[]) tensor.all(9).getFirst());
    }
    int count = Math.toIntExact(java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    ByteBuffer bytes = Models.little(1 << 20);
    if (type.equals("string")) {
      for (Object text : tensor.all(6)) {
        bytes.putInt(((byte[]) text).length).put((byte[]) text);
      }
    } else {
      put(bytes, type, tensor, count);
    }
    byte[] all = new byte[bytes.position()];
    bytes.get(0, all);
    return new Value(type, shape, all);
  }

  private static void put(ByteBuffer bytes, String type, Fields tensor, int count)
      throws IOException {
    switch (type) {
      case "float32" -> tensor.fixed(4, bytes);
      case "float64" -> tensor.fixed(10, bytes);
      default -> {
        int field =
            switch (type) {
              case "int64" -> 7;
              case "uint32", "uint64" -> 11;
              default -> 5;
            };
        long[] numbers = tensor.numbers(field);
        for (int i = 0; i < count; i++) {
          switch (type) {
            case "bool", "int8", "uint8" -> bytes.put((byte) numbers[i]);
            case "int16", "uint16", "float16", "bfloat16" -> bytes.putShort((short) numbers[i]);
            case "int32", "uint32" -> bytes.putInt((int) numbers[i]);
            default -> bytes.putLong(numbers[i]);
          }
        }
      }
    }
  }

  /** The fields of a protobuf message by number, as they came. */
  static final class Fields {
    private final Map<Integer, List<Object>> fields = new TreeMap<>();

    Fields(byte[] message) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(message);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          Object value =
              switch (WireFormat.getTagWireType(tag)) {
                case WireFormat.WIRETYPE_VARINT -> in.readRawVarint64();
                case WireFormat.WIRETYPE_FIXED32 -> in.readRawLittleEndian32();
                case WireFormat.WIRETYPE_FIXED64 -> in.readRawLittleEndian64();
                default -> in.readByteArray();
              };
          fields
              .computeIfAbsent(WireFormat.getTagFieldNumber(tag), _ -> new ArrayList<>())
              .add(value);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean has(int field) {
      return fields.containsKey(field);
    }

    List<Object> all(int field) {
      return fields.getOrDefault(field, List.of());
    }

    Fields message(int field) {
      return new Fields(has(field) ? (byte[]) all(field).getFirst() : new byte[0]);
    }

    String text(int field) {
      return has(field) ? new String((byte[]) all(field).getFirst(), StandardCharsets.UTF_8) : "";
    }

    long number(int field) {
      return has(field) ? (Long) all(field).getFirst() : 0;
    }

    /** Whole numbers, packed or one by one. */
    long[] numbers(int field) throws IOException {
      List<Long> numbers = new ArrayList<>();
      for (Object one : all(field)) {
        if (one instanceof Long number) {
          numbers.add(number);
        } else {
          CodedInputStream in = CodedInputStream.newInstance((byte[]) one);
          while (!in.isAtEnd()) {
            numbers.add(in.readRawVarint64());
          }
        }
      }
      return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /** Floating point numbers, packed or one by one. */
    void fixed(int field, ByteBuffer to) {
      for (Object one : all(field)) {
        switch (one) {
          case byte[] packed -> to.put(packed);
          case Integer bits -> to.putInt(bits);
          default -> to.putLong((Long) one);
        }
      }
    }
  }
}
