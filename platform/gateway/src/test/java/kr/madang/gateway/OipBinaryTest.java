package kr.madang.gateway;

import static kr.madang.gateway.Models.binary;
import static kr.madang.gateway.Models.floats;
import static kr.madang.gateway.Models.json;
import static kr.madang.gateway.Models.refusedBytes;
import static kr.madang.gateway.Models.tail;
import static kr.madang.gateway.Models.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conformance list of the Open Inference Protocol over REST with the binary extension. */
class OipBinaryTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path home;
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    Models.install(house);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  private static String request(String type, String shape, int bytes, String more) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}]%s}"
        .formatted(shape, type, bytes, more);
  }

  private static final String ALL = ",\"parameters\":{\"binary_data_output\":true}";

  @Test
  void c7AllTypesGoAndComeAsBytes() throws Exception {
    for (String type : Models.ECHOED) {
      byte[] data = new byte[3];
      switch (type) {
        case "bool" -> data = new byte[] {1, 0, 1};
        case "string" -> data = texts("", "한글", "a\0b");
        default -> {
          data = new byte[3 * size(type)];
          new Random(1).nextBytes(data);
        }
      }
      HttpResponse<byte[]> got =
          binary(house, "echo-" + type, request(Models.oip(type), "[1,3]", data.length, ALL), data);
      assertThat(got.statusCode()).as(type + new String(got.body())).isEqualTo(200);
      assertThat(got.headers().firstValue("Content-Type")).contains("application/octet-stream");
      assertThat(tail(got)).as(type).isEqualTo(data);
      JsonNode output = JSON.readTree(json(got)).at("/outputs/0");
      assertThat(output.at("/datatype").asText()).isEqualTo(Models.oip(type));
      assertThat(output.at("/parameters/binary_data_size").asInt()).isEqualTo(data.length);
      assertThat(output.has("data")).isFalse();
    }
  }

  @Test
  void c3WhatIsNotThereIsNotFound() throws Exception {
    String json = request("FP32", "[1,3]", 12, ALL);
    refusedBytes(house, binary(house, "none", json, floats(1, 2, 3)), 404, "'none'");
    refusedBytes(
        house,
        binary(house, "echo-float32/versions/7.0.0", json, floats(1, 2, 3)),
        404,
        "'7.0.0'",
        "1.0.0");
  }

  @Test
  void c5TheIdComesBackIfItWasGiven() throws Exception {
    HttpResponse<byte[]> got =
        binary(
            house,
            "echo-float32",
            request("FP32", "[1,3]", 12, ALL + ",\"id\":\"한 1\""),
            floats(1, 2, 3));
    assertThat(JSON.readTree(json(got)).at("/id").asText()).isEqualTo("한 1");
    got = binary(house, "echo-float32", request("FP32", "[1,3]", 12, ALL), floats(1, 2, 3));
    assertThat(JSON.readTree(json(got)).has("id")).isFalse();
  }

  @Test
  void c6OutputsAreAllOrThoseAskedForInThatOrder() throws Exception {
    String inputs = "{\"inputs\":[" + A + "," + B + "]" + ALL + "%s}";
    assertThat(tail(binary(house, "pair", inputs.formatted(""), floats(3, 5))))
        .isEqualTo(floats(4, 7, -2, -3));
    String turned = ",\"outputs\":[{\"name\":\"difference\"},{\"name\":\"sum\"}]";
    assertThat(tail(binary(house, "pair", inputs.formatted(turned), floats(3, 5))))
        .isEqualTo(floats(-2, -3, 4, 7));
    refusedBytes(
        house,
        binary(house, "pair", inputs.formatted(",\"outputs\":[{\"name\":\"z\"}]"), floats(3, 5)),
        400,
        "'z'");
  }

  @Test
  void c11AScalarIsItsBytes() throws Exception {
    byte[] data = Models.little(8).putDouble(2.5).array();
    HttpResponse<byte[]> got = binary(house, "scalar", request("FP64", "[]", 8, ALL), data);
    assertThat(tail(got)).isEqualTo(data);
    assertThat(json(got)).contains("\"shape\":[]");
  }

  @Test
  void c14InputsThatDoNotFitAreNamedWithExpectedAndGot() throws Exception {
    refusedBytes(
        house,
        binary(house, "pair", "{\"inputs\":[" + B + "]}", floats(1, 2)),
        400,
        "expected inputs [a, b]",
        "missing [a]");
    refusedBytes(
        house,
        binary(house, "pair", "{\"inputs\":[" + B + "," + B + "]}", floats(1, 2, 3, 4)),
        400,
        "'b'",
        "twice");
    refusedBytes(
        house,
        binary(house, "echo-int32", request("FP32", "[1,3]", 12, ALL), floats(1, 2, 3)),
        400,
        "'x'",
        "expected type int32, got float32");
    refusedBytes(
        house,
        binary(house, "echo-float32", request("FP32", "[3]", 12, ALL), floats(1, 2, 3)),
        400,
        "'x'",
        "expected shape [n, 3], got [3]");
  }

  @Test
  void c18ACallWhoseTimeIsOverIsNotRun() throws Exception {
    String json =
        request("FP32", "[1,3]", 12, ",\"parameters\":{\"timeout\":1,\"binary_data_output\":true}");
    refusedBytes(house, binary(house, "echo-float32", json, floats(1, 2, 3)), 504, "deadline");
  }

  private static int size(String type) {
    return Integer.parseInt(type.replaceAll("[a-z]+", "")) / 8;
  }

  @Test
  void c7HalfFloatsComeAsBytesOnly() throws Exception {
    HttpResponse<byte[]> got =
        binary(house, "echo-float16", request("FP16", "[1,3]", 6, ""), new byte[6]);
    refusedBytes(
        house,
        got,
        400,
        "sending FP16 data via JSON is not supported. Please use the binary data format for output y");
  }

  @Test
  void c9TheLargestIntegersAreExact() throws Exception {
    byte[] data =
        Models.little(24).putLong(Long.MIN_VALUE).putLong((1L << 53) + 1).putLong(-1).array();
    assertThat(tail(binary(house, "echo-int64", request("INT64", "[1,3]", 24, ALL), data)))
        .isEqualTo(data);
    assertThat(tail(binary(house, "to-uint64", request("INT64", "[1,3]", 24, ALL), data)))
        .isEqualTo(data);
  }

  @Test
  void numbersThatJsonHasNotGoAsBytesAndComeAsNull() throws Exception {
    byte[] data = floats(Float.NaN, Float.NEGATIVE_INFINITY, -0.0f);
    assertThat(tail(binary(house, "echo-float32", request("FP32", "[1,3]", 12, ALL), data)))
        .isEqualTo(data);
    HttpResponse<byte[]> got =
        binary(house, "echo-float32", request("FP32", "[1,3]", 12, ""), data);
    assertThat(new String(got.body())).contains("\"data\":[null,null,-0.0]");
    assertThat(got.headers().firstValue("Inference-Header-Content-Length")).isEmpty();
  }

  @Test
  void c10TextsThatOverrunAreRefused() throws Exception {
    byte[] good = texts("a", "b", "c");
    byte[][] wrong = {
      texts("a", "b"),
      texts("a", "b", "c", "d"),
      new byte[0],
      Models.little(15).putInt(1).put((byte) 'a').putInt(1).put((byte) 'b').putInt(2).array(),
      Models.little(15).putInt(-1).array(),
      Models.little(15).putInt(Integer.MAX_VALUE).array(),
      Models.little(15).putInt(1).put((byte) 0xff).putInt(1).put((byte) 'b').putInt(1).array(),
    };
    for (byte[] one : wrong) {
      refusedBytes(
          house,
          binary(house, "echo-string", request("BYTES", "[1,3]", one.length, ALL), one),
          400,
          "'x'");
    }
    HttpResponse<byte[]> got =
        binary(house, "echo-string", request("BYTES", "[1,3]", good.length, ""), good);
    assertThat(new String(got.body())).contains("\"data\":[\"a\",\"b\",\"c\"]");
  }

  @Test
  void c11NoRowsHaveNoBytes() throws Exception {
    HttpResponse<byte[]> got =
        binary(house, "echo-float32", request("FP32", "[0,3]", 0, ALL), new byte[0]);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(tail(got)).isEmpty();
    assertThat(json(got)).contains("\"shape\":[0,3]").contains("\"binary_data_size\":0");
  }

  @Test
  void c12TheHeaderSaysWhereTheBytesBegin() throws Exception {
    String json = request("FP32", "[1,3]", 12, "");
    byte[] data = floats(1, 2, 3);
    int length = json.length();
    for (String header : new String[] {"-1", "x", "1e3", "", "99999999999", "4294967296", "+5"}) {
      refusedBytes(
          house,
          binary(house, "echo-float32", header, json, data),
          400,
          "Inference-Header-Content-Length");
    }
    refusedBytes(
        house,
        binary(house, "echo-float32", Integer.toString(length + 13), json, data),
        400,
        "Inference-Header-Content-Length");
    refusedBytes(
        house,
        binary(house, "echo-float32", Integer.toString(length - 1), json, data),
        400,
        "no JSON");
    refusedBytes(
        house,
        binary(house, "echo-float32", Integer.toString(length + 1), json, data),
        400,
        "JSON");
    refusedBytes(house, binary(house, "echo-float32", json, floats(1, 2)), 400, "binary_data_size");
    refusedBytes(house, binary(house, "echo-float32", json, floats(1, 2, 3, 4)), 400, "have come");
    refusedBytes(
        house,
        binary(house, "echo-float32", request("FP32", "[1,3]", 8, ""), floats(1, 2)),
        400,
        "'x'",
        "12 bytes, got 8");
    HttpResponse<String> missing =
        house.post(Models.infer("echo-float32"), "application/octet-stream", json);
    Models.refused(house, missing, 400, "binary_data_size");
    for (String size : new String[] {"-1", "1.5", "\"12\"", "9223372036854775808", "null"}) {
      refusedBytes(
          house,
          binary(house, "echo-float32", json.replace(":12}", ":" + size + "}"), floats(1, 2, 3)),
          400,
          "binary_data_size");
    }
  }

  private static final String A =
      "{\"name\":\"a\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}";
  private static final String B =
      "{\"name\":\"b\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":8}}";

  @Test
  void c12JsonAndBytesMayBeMixed() throws Exception {
    for (String inputs : new String[] {A + "," + B, B + "," + A}) {
      HttpResponse<byte[]> got =
          binary(
              house,
              "pair",
              "{\"inputs\":["
                  + inputs
                  + "],\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"binary_data\":true}},{\"name\":\"difference\"}]}",
              floats(3, 5));
      assertThat(json(got)).contains("\"name\":\"difference\"").contains("\"data\":[-2.0,-3.0]");
      assertThat(tail(got)).isEqualTo(floats(4, 7));
    }
  }

  @Test
  void c12AnOutputMaySayOtherwiseThanTheRequest() throws Exception {
    HttpResponse<byte[]> got =
        binary(
            house,
            "pair",
            "{\"inputs\":["
                + A
                + ","
                + B
                + "],\"outputs\":[{\"name\":\"difference\"},{\"name\":\"sum\",\"parameters\":{\"binary_data\":false}}]"
                + ALL
                + "}",
            floats(3, 5));
    assertThat(json(got)).contains("\"name\":\"sum\"").contains("\"data\":[4.0,7.0]");
    assertThat(tail(got)).isEqualTo(floats(-2, -3));
  }

  @Test
  void theBytesOfTwoInputsLieInTheOrderOfTheJson() throws Exception {
    HttpResponse<byte[]> got =
        binary(
            house,
            "pair",
            "{\"inputs\":[" + B + "," + B.replace("\"b\"", "\"a\"") + "]" + ALL + "}",
            floats(3, 5, 1, 2));
    assertThat(tail(got)).isEqualTo(floats(4, 7, -2, -3));
  }

  @Test
  void aRequestWithoutJsonIsOneRowOfTheOneInput() throws Exception {
    HttpResponse<byte[]> got = binary(house, "echo-float32", "0", "", floats(1, 2, 3));
    assertThat(got.statusCode()).as(new String(got.body())).isEqualTo(200);
    assertThat(json(got)).contains("\"shape\":[1,3]");
    assertThat(tail(got)).isEqualTo(floats(1, 2, 3));
    assertThat(json(binary(house, "list", "0", "", floats(1, 2, 3, 4, 5)))).contains("[5]");
    HttpResponse<byte[]> text = binary(house, "texts", "0", "", "한글".getBytes("UTF-8"));
    assertThat(tail(text)).isEqualTo(texts("한글"));
    refusedBytes(house, binary(house, "pair", "0", "", floats(1, 2)), 400, "one input");
    refusedBytes(house, binary(house, "echo-float32", "0", "", floats(1, 2)), 400, "'x'");
    refusedBytes(house, binary(house, "list", "0", "", new byte[7]), 400, "'x'", "multiple of 4");
  }

  @Test
  void bothDataAndBytesOrNeitherAreRefused() throws Exception {
    refusedBytes(
        house,
        binary(
            house,
            "echo-float32",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3],\"parameters\":{\"binary_data_size\":12}}]}",
            floats(1, 2, 3)),
        400,
        "both");
    refusedBytes(
        house,
        binary(
            house,
            "echo-float32",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\"}]}",
            new byte[0]),
        400,
        "neither");
    refusedBytes(
        house,
        binary(
            house,
            "echo-float32",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":{\"shared_memory_region\":\"a\"}}]}",
            new byte[0]),
        400,
        "shared memory");
  }
}
