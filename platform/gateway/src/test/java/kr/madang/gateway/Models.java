package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import kr.madang.inference.OnnxBuilder;

/** Small models of every kind behind a house, and requests for them. */
final class Models {
  static final List<String> ECHOED =
      List.of(
          "bool",
          "uint8",
          "uint16",
          "uint32",
          "uint64",
          "int8",
          "int16",
          "int32",
          "int64",
          "float16",
          "bfloat16",
          "float32",
          "float64",
          "string");

  private Models() {}

  static void install(House house) throws Exception {
    Brain brain = new Brain("models", "1.0.0");
    for (String type : ECHOED) {
      brain.model("echo-" + type, "1.0.0", OnnxBuilder.identity(type, "n", 3), "x");
    }
    for (String type : List.of("uint16", "uint32", "uint64")) {
      brain.model(
          "to-" + type,
          "1.0.0",
          new OnnxBuilder()
              .input("x", "int64", "n", 3)
              .output("y", type, "n", 3)
              .node("Cast", List.of("x"), List.of("y"), "to=" + OnnxBuilder.type(type)),
          "x");
    }
    brain
        .model("list", "1.0.0", OnnxBuilder.identity("float32", "n"), "x")
        .model("scalar", "1.0.0", OnnxBuilder.identity("float64"), "x")
        .model("texts", "1.0.0", OnnxBuilder.identity("string", "n"), "x")
        .model("cube", "1.0.0", OnnxBuilder.identity("int32", "n", 2, 2), "x")
        .model("pair", "1.0.0", pair(), "a", "b")
        .model("slow", "1.0.0", slow(), "x")
        .install(house);
    new Brain("more", "1.0.0").model("pair", "1.2.0", pair(), "a", "b").install(house);
    new Brain("broken", "1.0.0")
        .model(
            "broken",
            "1.0.0",
            "no model".getBytes(StandardCharsets.UTF_8),
            "{ x: { fields: [x] } }")
        .model(
            "pair", "2.0.0", "no model".getBytes(StandardCharsets.UTF_8), "{ a: { fields: [a] } }")
        .install(house);
  }

  private static OnnxBuilder pair() {
    return new OnnxBuilder()
        .input("a", "float32", "n", 2)
        .input("b", "float32", "n", 2)
        .output("sum", "float32", "n", 2)
        .output("difference", "float32", "n", 2)
        .node("Add", List.of("a", "b"), List.of("sum"))
        .node("Sub", List.of("a", "b"), List.of("difference"));
  }

  /** A row passes through 400 nodes of about 0.1 ms each; a thousand rows take minutes. */
  private static OnnxBuilder slow() {
    int width = 512;
    float[] weights = new float[width * width];
    for (int i = 0; i < width; i++) {
      weights[i * width + i] = 1;
    }
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", width)
            .output("y", "float32", "n", width)
            .weights("w", weights, width, width);
    int nodes = 400;
    for (int i = 0; i < nodes; i++) {
      builder.node(
          "MatMul",
          List.of(i == 0 ? "x" : "h" + i, "w"),
          List.of(i == nodes - 1 ? "y" : "h" + (i + 1)));
    }
    return builder;
  }

  static String infer(String model) {
    return "/v2/models/" + model + "/infer";
  }

  /** A request with one input {@code x}. */
  static String request(String datatype, String shape, String data) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}]}"
        .formatted(shape, datatype, data);
  }

  /** What the answer to such a request has as its one output. */
  static String answered(String model, String datatype, String shape, String data) {
    return "{\"model_name\":\"%s\",\"model_version\":\"1.0.0\",\"outputs\":[{\"name\":\"y\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}]}"
        .formatted(model, shape, datatype, data);
  }

  static HttpResponse<String> json(House house, String model, String body) throws Exception {
    return house.post(infer(model), "application/json", body);
  }

  /** Sends JSON and bytes behind it. */
  static HttpResponse<byte[]> binary(House house, String model, String json, byte[] tail)
      throws Exception {
    return binary(
        house, model, Integer.toString(json.getBytes(StandardCharsets.UTF_8).length), json, tail);
  }

  static HttpResponse<byte[]> binary(
      House house, String model, String header, String json, byte[] tail) throws Exception {
    return house.send(
        house
            .request(infer(model))
            .header("Content-Type", "application/octet-stream")
            .header("Inference-Header-Content-Length", header)
            .POST(
                BodyPublishers.concat(
                    BodyPublishers.ofString(json), BodyPublishers.ofByteArray(tail))),
        BodyHandlers.ofByteArray());
  }

  static int jsonLength(HttpResponse<?> got) {
    return Integer.parseInt(
        got.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
  }

  static String json(HttpResponse<byte[]> got) {
    return new String(got.body(), 0, jsonLength(got), StandardCharsets.UTF_8);
  }

  static byte[] tail(HttpResponse<byte[]> got) {
    int json = jsonLength(got);
    byte[] tail = new byte[got.body().length - json];
    System.arraycopy(got.body(), json, tail, 0, tail.length);
    return tail;
  }

  static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = little(values.length * 4);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /** Texts as the protocol sends them. */
  static byte[] texts(String... texts) {
    ByteBuffer bytes = little(10_000);
    for (String text : texts) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.putInt(utf8.length).put(utf8);
    }
    byte[] all = new byte[bytes.position()];
    bytes.get(0, all);
    return all;
  }

  /** The name in the protocol of an ONNX type. */
  static String oip(String type) {
    return switch (type) {
      case "string" -> "BYTES";
      case "bfloat16" -> "BF16";
      default -> type.toUpperCase(Locale.ROOT).replace("FLOAT", "FP");
    };
  }

  /** The error is one of the protocol, and the house stands: it answers, and no memory is gone. */
  static void refused(House house, int status, String body, int expected, String... words)
      throws Exception {
    assertThat(status).as(body).isEqualTo(expected);
    assertThat(body).startsWith("{\"error\":\"").endsWith("\"}").contains(words);
    assertThat(body).doesNotContain("kr.madang", "at java", "Exception");
    stands(house);
  }

  static void stands(House house) throws Exception {
    HttpResponse<String> got =
        json(house, "echo-float32", request("FP32", "[1,3]", "[1.0,2.0,3.0]"));
    assertThat(got.body()).isEqualTo(answered("echo-float32", "FP32", "[1,3]", "[1.0,2.0,3.0]"));
    assertThat(house.control.serving().memory().taken()).isZero();
  }

  static void refused(House house, HttpResponse<String> got, int expected, String... words)
      throws Exception {
    refused(house, got.statusCode(), got.body(), expected, words);
  }

  static void refusedBytes(House house, HttpResponse<byte[]> got, int expected, String... words)
      throws Exception {
    refused(
        house, got.statusCode(), new String(got.body(), StandardCharsets.UTF_8), expected, words);
  }
}
