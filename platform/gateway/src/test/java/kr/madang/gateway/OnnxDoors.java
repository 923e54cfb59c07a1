package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kr.madang.gateway.OnnxCase.Fields;
import kr.madang.gateway.OnnxCase.Value;
import kr.madang.gateway.oip.Datatype;

/** Asks a model by each door; what comes back are the values, or an error in words. */
final class OnnxDoors {
  /** As JSON writes what it has no number for. */
  private static final double NOT_FINITE = Double.NaN;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final House house;
  private final GrpcClient grpc;

  OnnxDoors(House house, GrpcClient grpc) {
    this.house = house;
    this.grpc = grpc;
  }

  /** The door said no. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why);
    }
  }

  List<Value> json(String model, List<String> names, List<Value> inputs) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode list = body.putArray("inputs");
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      ArrayNode data = head(list, names.get(i), value).putArray("data");
      elements(value, data);
    }
    HttpResponse<String> got = Models.json(house, model, JSON.writeValueAsString(body));
    if (got.statusCode() != 200) {
      throw new Refused(got.statusCode() + " " + got.body());
    }
    List<Value> values = new ArrayList<>();
    for (JsonNode output : JSON.readTree(got.body()).at("/outputs")) {
      Datatype type = Datatype.named(output.at("/datatype").asText()).orElseThrow();
      ByteBuffer bytes = Models.little(1 << 22);
      for (JsonNode one : output.at("/data")) {
        put(bytes, type, one);
      }
      values.add(new Value(type.label(), shape(output), written(bytes)));
    }
    return values;
  }

  private static ObjectNode head(ArrayNode list, String name, Value value) {
    ObjectNode input = list.addObject().put("name", name);
    ArrayNode shape = input.putArray("shape");
    for (long dimension : value.shape()) {
      shape.add(dimension);
    }
    return input.put("datatype", Datatype.nameOf(value.type()));
  }

  private static void elements(Value value, ArrayNode to) {
    ByteBuffer data = value.data();
    while (data.hasRemaining()) {
      switch (value.type()) {
        case "float32" -> to.add(data.getFloat());
        case "float64" -> to.add(data.getDouble());
        case "bool" -> to.add(data.get() != 0);
        case "int8" -> to.add(data.get());
        case "uint8" -> to.add(data.get() & 0xFF);
        case "int16" -> to.add(data.getShort());
        case "uint16" -> to.add(data.getShort() & 0xFFFF);
        case "int32" -> to.add(data.getInt());
        case "uint32" -> to.add(data.getInt() & 0xFFFF_FFFFL);
        case "int64" -> to.add(data.getLong());
        case "uint64" -> to.add(new BigInteger(Long.toUnsignedString(data.getLong())));
        case "string" -> {
          byte[] text = new byte[data.getInt()];
          data.get(text);
          to.add(new String(text, StandardCharsets.UTF_8));
        }
        default -> throw new IllegalStateException(value.type());
      }
    }
  }

  private static void put(ByteBuffer bytes, Datatype type, JsonNode one) {
    switch (type) {
      case FP32 -> bytes.putFloat(one.isNull() ? (float) NOT_FINITE : one.floatValue());
      case FP64 -> bytes.putDouble(one.isNull() ? NOT_FINITE : one.doubleValue());
      case BOOL -> bytes.put((byte) (one.booleanValue() ? 1 : 0));
      case INT8, UINT8 -> bytes.put((byte) one.intValue());
      case INT16, UINT16 -> bytes.putShort((short) one.intValue());
      case INT32, UINT32 -> bytes.putInt((int) one.longValue());
      case INT64, UINT64 -> bytes.putLong(one.bigIntegerValue().longValue());
      default -> {
        byte[] text = one.textValue().getBytes(StandardCharsets.UTF_8);
        bytes.putInt(text.length).put(text);
      }
    }
  }

  private static long[] shape(JsonNode output) {
    List<Long> shape = new ArrayList<>();
    output.at("/shape").forEach(dimension -> shape.add(dimension.longValue()));
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  private static byte[] written(ByteBuffer bytes) {
    byte[] all = new byte[bytes.position()];
    bytes.get(0, all);
    return all;
  }

  List<Value> binary(String model, List<String> names, List<Value> inputs) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode list = body.putArray("inputs");
    ByteArrayOutputStream tail = new ByteArrayOutputStream();
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      head(list, names.get(i), value)
          .putObject("parameters")
          .put("binary_data_size", value.bytes().length);
      tail.writeBytes(value.bytes());
    }
    body.putObject("parameters").put("binary_data_output", true);
    HttpResponse<byte[]> got =
        Models.binary(house, model, JSON.writeValueAsString(body), tail.toByteArray());
    if (got.statusCode() != 200) {
      throw new Refused(got.statusCode() + " " + new String(got.body(), StandardCharsets.UTF_8));
    }
    ByteBuffer bytes = ByteBuffer.wrap(Models.tail(got));
    List<Value> values = new ArrayList<>();
    for (JsonNode output : JSON.readTree(Models.json(got)).at("/outputs")) {
      byte[] part = new byte[output.at("/parameters/binary_data_size").intValue()];
      bytes.get(part);
      Datatype type = Datatype.named(output.at("/datatype").asText()).orElseThrow();
      values.add(new Value(type.label(), shape(output), part));
    }
    return values;
  }

  /** With the contents typed, or raw. */
  List<Value> grpc(String model, List<String> names, List<Value> inputs, boolean raw)
      throws Exception {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    out.writeString(1, model);
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      CodedOutputStream tensor = CodedOutputStream.newInstance(part);
      tensor.writeString(1, names.get(i));
      tensor.writeString(2, Datatype.nameOf(value.type()));
      for (long dimension : value.shape()) {
        tensor.writeInt64(3, dimension);
      }
      if (!raw) {
        tensor.writeByteArray(5, contents(value));
      }
      tensor.flush();
      out.writeByteArray(5, part.toByteArray());
    }
    for (int i = 0; raw && i < inputs.size(); i++) {
      out.writeByteArray(7, inputs.get(i).bytes());
    }
    out.flush();
    byte[] got;
    try {
      got = grpc.call("ModelInfer", message.toByteArray());
    } catch (io.grpc.StatusRuntimeException e) {
      throw new Refused(e.getStatus().toString());
    }
    return values(new Fields(got));
  }

  private static byte[] contents(Value value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    ByteBuffer data = value.data();
    while (data.hasRemaining()) {
      switch (value.type()) {
        case "float32" -> out.writeFloat(6, data.getFloat());
        case "float64" -> out.writeDouble(7, data.getDouble());
        case "bool" -> out.writeBool(1, data.get() != 0);
        case "int8" -> out.writeInt32(2, data.get());
        case "int16" -> out.writeInt32(2, data.getShort());
        case "int32" -> out.writeInt32(2, data.getInt());
        case "int64" -> out.writeInt64(3, data.getLong());
        case "uint8" -> out.writeUInt32(4, data.get() & 0xFF);
        case "uint16" -> out.writeUInt32(4, data.getShort() & 0xFFFF);
        case "uint32" -> out.writeUInt32(4, data.getInt());
        case "uint64" -> out.writeUInt64(5, data.getLong());
        default -> {
          byte[] text = new byte[data.getInt()];
          data.get(text);
          out.writeByteArray(8, text);
        }
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static List<Value> values(Fields answer) throws IOException {
    List<Value> values = new ArrayList<>();
    List<Object> raws = answer.all(6);
    for (int i = 0; i < answer.all(5).size(); i++) {
      Fields output = new Fields((byte[]) answer.all(5).get(i));
      Datatype type = Datatype.named(output.text(2)).orElseThrow();
      byte[] bytes = raws.isEmpty() ? typed(type, output.message(5)) : (byte[]) raws.get(i);
      values.add(new Value(type.label(), output.numbers(3), bytes));
    }
    return values;
  }

  private static byte[] typed(Datatype type, Fields contents) throws IOException {
    ByteBuffer bytes = Models.little(1 << 22);
    switch (type) {
      case FP32 -> contents.fixed(6, bytes);
      case FP64 -> contents.fixed(7, bytes);
      case BYTES -> {
        for (Object text : contents.all(8)) {
          bytes.putInt(((byte[]) text).length).put((byte[]) text);
        }
      }
      case BOOL -> numbers(bytes, 1, contents.numbers(1));
      case INT8, INT16, INT32 -> numbers(bytes, type.size(), contents.numbers(2));
      case INT64 -> numbers(bytes, 8, contents.numbers(3));
      case UINT64 -> numbers(bytes, 8, contents.numbers(5));
      default -> numbers(bytes, type.size(), contents.numbers(4));
    }
    return written(bytes);
  }

  private static void numbers(ByteBuffer bytes, int size, long[] numbers) {
    for (long number : numbers) {
      switch (size) {
        case 1 -> bytes.put((byte) number);
        case 2 -> bytes.putShort((short) number);
        case 4 -> bytes.putInt((int) number);
        default -> bytes.putLong(number);
      }
    }
  }
}
