package kr.madang.gateway;

import static kr.madang.gateway.Models.answered;
import static kr.madang.gateway.Models.json;
import static kr.madang.gateway.Models.refused;
import static kr.madang.gateway.Models.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conformance list of the Open Inference Protocol over REST with JSON. */
class OipJsonTest {
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

  private static JsonNode tree(HttpResponse<String> got) throws Exception {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    assertThat(got.headers().firstValue("Content-Type")).contains("application/json");
    return JSON.readTree(got.body());
  }

  @Test
  void c1HealthIs200IfTrueAndOtherVerbsAreNotAllowed() throws Exception {
    HttpResponse<String> live = house.send(house.anonymous("/v2/health/live"));
    assertThat(tree(live).at("/live").asBoolean()).isTrue();
    JsonNode ready = tree(house.get("/v2/health/ready"));
    assertThat(ready.at("/ready").asBoolean()).isTrue();
    assertThat(ready.at("/live").asBoolean()).isTrue();
    for (String path : List.of("/v2/health/live", "/v2/health/ready", "/v2", "/v2/models/pair")) {
      HttpResponse<String> got = house.post(path);
      refused(house, got, 405, "POST");
      assertThat(got.headers().firstValue("Allow")).contains("GET");
    }
    HttpResponse<String> got = house.get(Models.infer("pair"));
    refused(house, got, 405, "GET");
    assertThat(got.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void allButLiveNeedsAToken() throws Exception {
    for (String path :
        List.of(
            "/v2",
            "/v2/health/ready",
            "/v2/models/pair",
            "/v2/models/pair/ready",
            "/v2/models/pair/stats",
            "/v2/models/none",
            "/v2/nothing")) {
      HttpResponse<String> got = house.send(house.anonymous(path));
      refused(house, got, 401, "Authorization: Bearer");
      assertThat(got.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
    }
    refused(
        house,
        house.send(
            house
                .anonymous(Models.infer("pair"))
                .header("Authorization", "Bearer wrong")
                .POST(BodyPublishers.ofString("{}"))),
        401,
        "token");
  }

  @Test
  void c2TheServerListsExactlyWhatItOffers() throws Exception {
    JsonNode server = tree(house.get("/v2"));
    assertThat(server.at("/name").asText()).isEqualTo("madang");
    assertThat(server.at("/version").asText()).isEqualTo("0.1.0");
    assertThat(server.at("/extensions"))
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrder(
            "arrow_stream",
            "binary_tensor_data",
            "classification",
            "model_configuration",
            "model_repository",
            "schedule_policy",
            "statistics");
    for (String path : List.of("/v2/logging", "/v2/systemsharedmemory/status")) {
      refused(house, house.get(path), 404, path);
    }
  }

  @Test
  void c3WhatIsNotThereIsNotFound() throws Exception {
    refused(house, json(house, "none", request("FP32", "[1]", "[1]")), 404, "'none'");
    refused(
        house,
        json(house, "pair/versions/9.9.9", request("FP32", "[1]", "[1]")),
        404,
        "'9.9.9'",
        "1.2.0");
    refused(house, house.get("/v2/models/none"), 404, "'none'");
    refused(house, house.get("/v2/models/none/ready"), 404, "'none'");
    refused(house, house.get("/v2/models/none/stats"), 404, "'none'");
    refused(house, house.get("/v2/models/pair/version/1.0.0"), 404, "nothing at");
    refused(house, house.get("/v2/models/pair/ready/"), 404, "nothing at");
    refused(house, house.get("/v2/models//infer"), 404, "nothing at");
    refused(house, house.get("/v2/models/%2e%2e%2fx/ready"), 404, "nothing at");
    refused(house, json(house, "..", "{}"), 404, "'..'");
    refused(house, house.get("/v2/"), 404, "nothing at");
  }

  @Test
  void c4MetadataAreThoseOfTheGraph() throws Exception {
    JsonNode model = tree(house.get("/v2/models/pair"));
    assertThat(model.toString())
        .isEqualTo(
            "{\"name\":\"pair\",\"versions\":[\"1.0.0\",\"1.2.0\"],\"platform\":\"onnx_onnxv1\","
                + "\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[-1,2]},{\"name\":\"b\",\"datatype\":\"FP32\",\"shape\":[-1,2]}],"
                + "\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP32\",\"shape\":[-1,2]},{\"name\":\"difference\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]}");
    for (String type : Models.ECHOED) {
      JsonNode echo = tree(house.get("/v2/models/echo-" + type + "/versions/1.0.0"));
      assertThat(echo.at("/inputs/0/datatype").asText()).isEqualTo(Models.oip(type));
    }
    assertThat(tree(house.get("/v2/models/to-uint64")).at("/outputs/0/datatype").asText())
        .isEqualTo("UINT64");
    JsonNode ready = tree(house.get("/v2/models/pair/versions/1.0.0/ready"));
    assertThat(ready.toString()).isEqualTo("{\"name\":\"pair\",\"ready\":true}");
    JsonNode config = tree(house.get("/v2/models/echo-string/config"));
    assertThat(config.at("/input/0/data_type").asText()).isEqualTo("TYPE_STRING");
    assertThat(config.at("/max_batch_size").asInt()).isZero();
  }

  @Test
  void c5TheIdComesBackIfItWasGiven() throws Exception {
    String body = request("FP32", "[1,3]", "[1,2,3]");
    HttpResponse<String> got =
        json(house, "echo-float32", "{\"id\":\"a \\\"b\\\" \\u00e9\"," + body.substring(1));
    assertThat(tree(got).at("/id").asText()).isEqualTo("a \"b\" é");
    assertThat(tree(json(house, "echo-float32", body)).has("id")).isFalse();
    refused(house, json(house, "echo-float32", "{\"id\":7," + body.substring(1)), 400, "id");
  }

  private static String pair(String more) {
    return ("{\"inputs\":[{\"name\":\"a\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]},"
            + "{\"name\":\"b\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[3,5]}]%s}")
        .formatted(more);
  }

  @Test
  void c6OutputsAreAllOrThoseAskedForInThatOrder() throws Exception {
    assertThat(tree(json(house, "pair", pair(""))).at("/outputs"))
        .extracting(output -> output.at("/name").asText())
        .containsExactly("sum", "difference");
    assertThat(tree(json(house, "pair", pair(",\"outputs\":[]"))).at("/outputs")).hasSize(2);
    JsonNode both =
        tree(
            json(
                house,
                "pair",
                pair(",\"outputs\":[{\"name\":\"difference\"},{\"name\":\"sum\"}]")));
    assertThat(both.at("/outputs").toString())
        .isEqualTo(
            "[{\"name\":\"difference\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[-2.0,-3.0]},"
                + "{\"name\":\"sum\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[4.0,7.0]}]");
    assertThat(tree(json(house, "pair", pair(",\"outputs\":[{\"name\":\"sum\"}]"))).at("/outputs"))
        .hasSize(1);
    refused(house, json(house, "pair", pair(",\"outputs\":[{\"name\":\"z\"}]")), 400, "'z'", "sum");
    refused(
        house,
        json(house, "pair", pair(",\"outputs\":[{\"name\":\"sum\"},{\"name\":\"sum\"}]")),
        400,
        "twice");
  }

  @Test
  void aModelWithoutAVersionIsTheHighestThatWorks() throws Exception {
    assertThat(tree(json(house, "pair", pair(""))).at("/model_version").asText())
        .isEqualTo("1.2.0");
    assertThat(tree(json(house, "pair/versions/1.0.0", pair(""))).at("/model_version").asText())
        .isEqualTo("1.0.0");
  }

  private static void echoed(String type, String data) throws Exception {
    String model = "echo-" + type;
    HttpResponse<String> got = json(house, model, request(Models.oip(type), "[1,3]", data));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    assertThat(got.body()).isEqualTo(answered(model, Models.oip(type), "[1,3]", data));
  }

  @Test
  void c7AllTypesThatJsonCarriesComeBackAsTheyWere() throws Exception {
    echoed("bool", "[true,false,true]");
    echoed("uint8", "[0,128,255]");
    echoed("uint16", "[0,32768,65535]");
    echoed("uint32", "[0,2147483648,4294967295]");
    echoed("int8", "[-128,0,127]");
    echoed("int16", "[-32768,0,32767]");
    echoed("int32", "[-2147483648,0,2147483647]");
    echoed("float32", "[1.4E-45,3.4028235E38,-0.1]");
    echoed("float64", "[4.9E-324,1.7976931348623157E308,0.1]");
    for (String type : List.of("FP16", "BF16")) {
      String model = type.equals("FP16") ? "echo-float16" : "echo-bfloat16";
      refused(
          house,
          json(house, model, request(type, "[1,3]", "[1,2,3]")),
          400,
          "receiving %s data via JSON is not supported. Please use the binary data format for input x"
              .formatted(type));
    }
    assertThat(json(house, "to-uint16", request("INT64", "[1,3]", "[0,32768,65535]")).body())
        .contains("\"datatype\":\"UINT16\",\"data\":[0,32768,65535]");
    assertThat(json(house, "to-uint32", request("INT64", "[1,3]", "[0,1,4294967295]")).body())
        .contains("\"datatype\":\"UINT32\",\"data\":[0,1,4294967295]");
  }

  @Test
  void c7ANumberThatTheTypeDoesNotHoldIsRefused() throws Exception {
    String[][] wrong = {
      {"bool", "[true,2,false]", "element 1", "true or false"},
      {"uint8", "[0,256,0]", "element 1", "UINT8", "256"},
      {"uint8", "[0,0,-1]", "element 2"},
      {"uint16", "[0,65536,0]", "element 1", "UINT16", "65536"},
      {"uint32", "[0,0,4294967296]", "element 2", "4294967296"},
      {"uint64", "[0,18446744073709551616,0]", "element 1", "UINT64"},
      {"uint64", "[-1,0,0]", "element 0"},
      {"int8", "[128,0,0]", "element 0"},
      {"int16", "[0,-32769,0]", "-32769"},
      {"int32", "[0,2147483648,0]", "2147483648"},
      {"int32", "[0,1.0,0]", "whole number", "1.0"},
      {"int64", "[0,9223372036854775808,0]", "element 1"},
      {"float32", "[0,1e39,0]", "1e39", "FP32"},
      {"float64", "[0,1e309,0]", "1e309"},
      {"float32", "[0,\"1\",0]", "a string"},
      {"float32", "[0,null,0]", "null"},
      {"float32", "[0,true,0]", "true"},
      {"float32", "[0,{},0]", "element 1"},
      {"string", "[\"a\",1,\"b\"]", "element 1", "string"},
    };
    for (String[] one : wrong) {
      String[] words = new String[one.length - 2];
      System.arraycopy(one, 2, words, 0, words.length);
      refused(
          house,
          json(house, "echo-" + one[0], request(Models.oip(one[0]), "[1,3]", one[1])),
          400,
          words);
    }
    for (String word : List.of("NaN", "Infinity", "-Infinity")) {
      refused(
          house,
          json(house, "echo-float32", request("FP32", "[1,3]", "[0," + word + ",0]")),
          400,
          "no JSON");
    }
  }

  @Test
  void c8NestedDataAreTheSameAsFlat() throws Exception {
    String flat = "[1,2,3,4,5,6,7,8]";
    for (String data : List.of(flat, "[[[1,2],[3,4]],[[5,6],[7,8]]]")) {
      assertThat(json(house, "cube", request("INT32", "[2,2,2]", data)).body())
          .isEqualTo(answered("cube", "INT32", "[2,2,2]", flat));
    }
    for (String data :
        List.of(
            "[[1,2,3,4],[5,6,7,8]]",
            "[[[1,2],[3,4]],[[5,6],[7]]]",
            "[[[1,2],[3,4]],[5,6,7,8]]",
            "[1,[2,3,4,5,6,7,8]]",
            "[[[1,2],[3,4],[5,6],[7,8]]]",
            "[[[[1,2],[3,4]],[[5,6],[7,8]]]]")) {
      refused(
          house, json(house, "cube", request("INT32", "[2,2,2]", data)), 400, "shape [2, 2, 2]");
    }
  }

  @Test
  void c9TheLargestIntegersAreExact() throws Exception {
    echoed("int64", "[-9223372036854775808,9007199254740993,9223372036854775807]");
    echoed("uint64", "[0,9223372036854775808,18446744073709551615]");
    assertThat(
            json(house, "to-uint64", request("INT64", "[1,3]", "[-1,0,9223372036854775807]"))
                .body())
        .contains("\"datatype\":\"UINT64\",\"data\":[18446744073709551615,0,9223372036854775807]");
  }

  @Test
  void c10TextsComeBackAsTheyWere() throws Exception {
    JsonNode got =
        tree(
            json(
                house,
                "echo-string",
                request(
                    "BYTES",
                    "[2,3]",
                    "[\"\",\"a\\u0000b\",\"한글\",\"\\ud83d\\ude00\",\"\\\"\\\\\\n\",\"é\"]")));
    assertThat(got.at("/outputs/0/data"))
        .extracting(JsonNode::asText)
        .containsExactly("", "a\0b", "한글", "😀", "\"\\\n", "é");
    refused(
        house,
        json(house, "echo-string", request("BYTES", "[1,3]", "[\"a\",\"\\ud83d\",\"b\"]")),
        400,
        "element 1",
        "Unicode");
  }

  @Test
  void c11NoRowsAreRowsToo() throws Exception {
    assertThat(json(house, "echo-float32", request("FP32", "[0,3]", "[]")).body())
        .isEqualTo(answered("echo-float32", "FP32", "[0,3]", "[]"));
    assertThat(json(house, "list", request("FP32", "[0]", "[]")).body())
        .isEqualTo(answered("list", "FP32", "[0]", "[]"));
  }

  @Test
  void c11AScalarHasNoDimensionAndOneElement() throws Exception {
    for (String data : List.of("[2.5]", "2.5")) {
      assertThat(json(house, "scalar", request("FP64", "[]", data)).body())
          .isEqualTo(answered("scalar", "FP64", "[]", "[2.5]"));
    }
    refused(
        house, json(house, "scalar", request("FP64", "[1]", "[2.5]")), 400, "expected shape []");
    refused(house, json(house, "scalar", request("FP64", "[]", "[]")), 400, "'x'");
    refused(house, json(house, "scalar", request("FP64", "[]", "[1,2]")), 400, "'x'");
  }

  private static String input(String name, String shape, String type, String data) {
    return "{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}"
        .formatted(name, shape, type, data);
  }

  private static String inputs(String... inputs) {
    return "{\"inputs\":[" + String.join(",", inputs) + "]}";
  }

  @Test
  void c14InputsThatDoNotFitAreNamedWithExpectedAndGot() throws Exception {
    String a = input("a", "[1,2]", "FP32", "[1,2]");
    String b = input("b", "[1,2]", "FP32", "[1,2]");
    refused(house, json(house, "pair", inputs(a)), 400, "expected inputs [a, b]", "missing [b]");
    refused(
        house,
        json(house, "pair", inputs(a, b, input("c", "[1]", "FP32", "[1]"))),
        400,
        "got [a, b, c]");
    refused(house, json(house, "pair", inputs(a, a)), 400, "'a'", "twice");
    refused(house, json(house, "pair", inputs(a, b, a)), 400, "'a'", "twice");
    refused(
        house,
        json(house, "pair", inputs(a, input("b", "[1,2]", "FP64", "[1,2]"))),
        400,
        "'b'",
        "expected type");
    refused(
        house,
        json(house, "pair", inputs(a, input("b", "[2]", "FP32", "[1,2]"))),
        400,
        "'b'",
        "expected shape [n, 2], got [2]");
    refused(
        house,
        json(house, "pair", inputs(a, input("b", "[1,3]", "FP32", "[1,2,3]"))),
        400,
        "got [1, 3]");
    refused(
        house,
        json(house, "pair", inputs(a, input("b", "[2,2]", "FP32", "[1,2,3,4]"))),
        400,
        "'b'",
        "rows");
    refused(
        house,
        json(house, "pair", inputs(a, input("b", "[1,2]", "FLOAT", "[1,2]"))),
        400,
        "'b'",
        "FP32",
        "'FLOAT'");
    refused(house, json(house, "pair", inputs()), 400, "missing");
  }

  @Test
  void c16ModelsAreLetGoAndLoadedByHand() throws Exception {
    JsonNode index = tree(house.post("/v2/repository/index", "application/json", "{}"));
    assertThat(index.isArray()).isTrue();
    JsonNode broken = find(index, "broken", "1.0.0");
    assertThat(broken.at("/state").asText()).isEqualTo("UNAVAILABLE");
    assertThat(broken.at("/reason").asText()).isNotBlank();
    assertThat(find(index, "list", "1.0.0").at("/state").asText()).isEqualTo("READY");
    JsonNode ready =
        tree(house.post("/v2/repository/index", "application/json", "{\"ready\":true}"));
    assertThat(ready).noneMatch(one -> one.at("/name").asText().equals("broken"));
    assertThat(tree(house.post("/v2/repository/index"))).hasSize(index.size());

    String load = "/v2/repository/models/list/load";
    String unload = "/v2/repository/models/list/unload";
    assertThat(house.post(unload).statusCode()).isEqualTo(200);
    assertThat(house.get("/v2/models/list/ready").statusCode()).isEqualTo(503);
    refused(house, json(house, "list", request("FP32", "[1]", "[1]")), 503, "unloaded");
    refused(
        house,
        house.post(load, "application/json", "{\"parameters\":{\"config\":\"{}\"}}"),
        400,
        "'config'");
    assertThat(house.post(load, "application/json", "{}").statusCode()).isEqualTo(200);
    assertThat(house.get("/v2/models/list/ready").statusCode()).isEqualTo(200);
    assertThat(json(house, "list", request("FP32", "[1]", "[1]")).statusCode()).isEqualTo(200);

    HttpResponse<String> bad = house.post("/v2/repository/models/broken/load");
    assertThat(bad.statusCode()).isBetween(400, 503);
    refused(house, house.post("/v2/repository/models/none/load"), 404, "'none'");
    assertThat(house.get("/v2/models/broken/ready").statusCode()).isEqualTo(503);
    assertThat(json(house, "pair/versions/2.0.0", pair("")).statusCode())
        .isGreaterThanOrEqualTo(400);
    assertThat(tree(json(house, "pair", pair(""))).at("/model_version").asText())
        .isEqualTo("1.2.0");
  }

  private static JsonNode find(JsonNode index, String name, String version) {
    for (JsonNode one : index) {
      if (one.at("/name").asText().equals(name)
          && (one.at("/version").asText().equals(version) || name.equals("broken"))) {
        return one;
      }
    }
    throw new AssertionError(name + " is not in " + index);
  }

  @Test
  void c17StatisticsCountRowsAndRuns() throws Exception {
    String body = request("INT32", "[2,2,2]", "[1,2,3,4,5,6,7,8]");
    assertThat(json(house, "cube", body).statusCode()).isEqualTo(200);
    JsonNode before = tree(house.get("/v2/models/cube/stats")).at("/model_stats/0");
    for (int i = 0; i < 5; i++) {
      assertThat(json(house, "cube", body).statusCode()).isEqualTo(200);
    }
    JsonNode after = tree(house.get("/v2/models/cube/versions/1.0.0/stats")).at("/model_stats/0");
    assertThat(count(after, "/inference_count") - count(before, "/inference_count")).isEqualTo(10);
    assertThat(count(after, "/execution_count") - count(before, "/execution_count")).isEqualTo(5);
    assertThat(count(after, "/inference_stats/success/count")).isPositive();
    assertThat(count(after, "/inference_stats/compute_infer/ns")).isPositive();
    assertThat(count(after, "/last_inference")).isPositive();
    assertThat(after.at("/batch_stats")).anyMatch(one -> count(one, "/batch_size") == 2);
    assertThat(tree(house.get("/v2/models/stats")).at("/model_stats").size()).isGreaterThan(10);
  }

  private static long count(JsonNode node, String at) {
    return node.at(at).asLong();
  }

  @Test
  void c18ACallWhoseTimeIsOverIsNotRun() throws Exception {
    String body = request("FP32", "[1,3]", "[1,2,3]");
    HttpResponse<String> got =
        json(
            house,
            "echo-float32",
            "{\"parameters\":{\"timeout\":1,\"priority\":2,\"unknown\":[1,{}]},"
                + body.substring(1));
    refused(house, got, 504, "deadline");
    assertThat(
            json(
                    house,
                    "echo-float32",
                    "{\"parameters\":{\"timeout\":9000000,\"priority\":1},\"more\":{\"a\":[]},"
                        + body.substring(1))
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void membersOfATensorMayComeInAnyOrder() throws Exception {
    HttpResponse<String> got =
        json(
            house,
            "echo-int32",
            "{\"inputs\":[{\"data\":[[7,8,9]],\"parameters\":{\"any\":1},\"datatype\":\"INT32\",\"shape\":[1,3],\"name\":\"x\"}]}");
    assertThat(got.body()).isEqualTo(answered("echo-int32", "INT32", "[1,3]", "[7,8,9]"));
  }
}
