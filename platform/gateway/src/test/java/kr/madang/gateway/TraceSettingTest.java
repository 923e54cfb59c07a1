package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kr.madang.gateway.trace.Telemetry;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Triton's extension {@code trace}: which calls become spans, set through both doors. */
class TraceSettingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ALL = "/v2/trace/setting";
  private static final String ECHO = "/v2/models/echo/trace/setting";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SAMPLED = "00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final String LEFT_OUT = "00-" + TRACE + "-00f067aa0ba902b7-00";
  private static final String CLEAR =
      "{\"trace_level\":null,\"trace_rate\":null,\"trace_count\":null}";

  @TempDir static Path home;
  private static Collector collector;
  private static House house;
  private static GrpcClient grpc;

  @BeforeAll
  static void open() throws Exception {
    collector = new Collector();
    house =
        new House(
            home,
            GatewayOptions.Limits.DEFAULT,
            false,
            Optional.of(new Telemetry(collector.uri(), 0)));
    OnnxBuilder echo = OnnxBuilder.identity("float32", "n", 1);
    new Brain("brain", "1.0.0")
        .model("echo", "1.0.0", echo, "x")
        .model("other", "1.0.0", echo, "x")
        .model("marker", "1.0.0", echo, "x")
        .install(house);
    for (String workspace : List.of("press", "paint")) {
      house.post("/api/v1/workspaces", "application/json", "{\"name\":\"" + workspace + "\"}");
    }
    grpc = new GrpcClient(house);
    set(
        "/v2/models/marker/trace/setting",
        "{\"trace_level\":\"TIMESTAMPS\",\"trace_count\":\"-1\"}");
  }

  @AfterAll
  static void close() throws Exception {
    grpc.close();
    house.close();
    collector.close();
  }

  @BeforeEach
  void clear() throws Exception {
    set(ALL, CLEAR);
    set(ECHO, CLEAR);
    traced();
  }

  private static JsonNode set(String path, String body) throws Exception {
    HttpResponse<String> got = house.post(path, "application/json", body);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    return JSON.readTree(got.body());
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> got = house.get(path);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    return JSON.readTree(got.body());
  }

  private static String token(String workspace, String role) throws Exception {
    HttpResponse<String> got =
        house.post(
            "/api/v1/workspaces/" + workspace + "/tokens",
            "application/json",
            "{\"subject\":\"%s-%s\",\"role\":\"%s\"}".formatted(workspace, role, role));
    return JSON.readTree(got.body()).at("/token").asText();
  }

  private static void refused(String path, String body, String... words) throws Exception {
    HttpResponse<String> got = house.post(path, "application/json", body);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(400);
    assertThat(JSON.readTree(got.body()).at("/error").asText()).contains(words);
  }

  /** As the JSON of the other door is, by key. */
  private static Map<String, List<String>> byGrpc(
      String model, Map<String, List<String>> settings) {
    return TraceWire.settings(grpc.call("TraceSetting", TraceWire.request(model, settings)));
  }

  private static Map<String, List<String>> listed(JsonNode answer) {
    Map<String, List<String>> listed = new TreeMap<>();
    answer
        .properties()
        .forEach(one -> {
          JsonNode value = one.getValue();
          listed.put(
              one.getKey(),
              value.isArray()
                  ? value.valueStream().map(JsonNode::asText).toList()
                  : List.of(value.asText()));
        });
    return listed;
  }

  private static void infer(String model, String parent) throws Exception {
    var request =
        house
            .request("/v2/models/" + model + "/infer")
            .POST(BodyPublishers.ofString(Models.request("FP32", "[2,1]", "[1,2]")));
    if (!parent.isEmpty()) {
      request.header("traceparent", parent);
    }
    assertThat(house.send(request).statusCode()).isEqualTo(200);
  }

  private static void infer(String model, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      if (i % 2 == 0) {
        infer(model, "");
      } else {
        assertThat(grpc.call("ModelInfer", TraceWire.infer(model))).isNotEmpty();
      }
    }
  }

  /** Models of the spans since the last time; a call that is traced for sure comes last. */
  private static List<String> traced() throws Exception {
    infer("marker", SAMPLED);
    Await.until("the last one has come", () -> models().contains("marker"));
    List<String> models = models().stream().filter(one -> !one.equals("marker")).toList();
    collector.spans.clear();
    return models;
  }

  private static List<String> models() {
    return collector.spans.stream()
        .filter(span -> span.kind() == 2)
        .map(span -> span.attributes().get("madang.model").toString())
        .toList();
  }

  @Test
  void bothDoorsListTheExtensionAndShowTheSameSettings() throws Exception {
    assertThat(JSON.readTree(house.get("/v2").body()).at("/extensions"))
        .extracting(JsonNode::asText)
        .contains("trace");
    assertThat(TraceWire.texts(grpc.call("ServerMetadata", new byte[0]), 3)).contains("trace");
    JsonNode shown =
        JSON.readTree(
            """
            {"trace_level":["TIMESTAMPS"],"trace_rate":"0","trace_count":"-1",
             "log_frequency":"0","trace_file":"","trace_mode":"opentelemetry"}
            """);
    for (String path : List.of(ALL, ECHO, "/v2/models/echo/versions/1.0.0/trace/setting")) {
      assertThat(get(path)).isEqualTo(shown);
      assertThat(set(path, "")).as("what is said of nothing").isEqualTo(shown);
      assertThat(set(path, "{}")).isEqualTo(shown);
      assertThat(set(path, shown.toString())).as("what it has said is taken").isEqualTo(shown);
    }
    assertThat(byGrpc("", Map.of())).isEqualTo(listed(shown));
    assertThat(byGrpc("echo", Map.of())).isEqualTo(listed(shown));

    JsonNode set = set(ECHO, "{\"trace_rate\":\"7\",\"trace_level\":[\"OFF\"]}");
    assertThat(set.at("/trace_rate").asText()).isEqualTo("7");
    assertThat(byGrpc("echo", Map.of())).isEqualTo(listed(set));
    Map<String, List<String>> back =
        byGrpc("echo", Map.of("trace_rate", List.of("9"), "trace_level", List.of()));
    assertThat(back)
        .containsEntry("trace_rate", List.of("9"))
        .containsEntry("trace_level", List.of("TIMESTAMPS"))
        .isEqualTo(listed(get(ECHO)));
  }

  @Test
  void aModelsSettingIsStrongerThanThatOfAllAndNullClearsIt() throws Exception {
    set(ALL, "{\"trace_rate\":\"5\",\"trace_level\":\"OFF\"}");
    set(ECHO, "{\"trace_rate\":[\"1\"],\"trace_level\":\"TIMESTAMPS\"}");
    assertThat(get(ECHO).at("/trace_rate").asText()).isEqualTo("1");
    assertThat(get("/v2/models/other/trace/setting").at("/trace_rate").asText()).isEqualTo("5");
    infer("echo", 4);
    infer("other", 10);
    infer("other", SAMPLED);
    assertThat(traced()).containsOnly("echo").hasSize(4);

    set(ECHO, "{\"trace_level\":null}");
    assertThat(get(ECHO).at("/trace_level/0").asText()).isEqualTo("OFF");
    assertThat(get(ECHO).at("/trace_rate").asText()).as("stays").isEqualTo("1");
    infer("echo", SAMPLED);
    assertThat(traced()).isEmpty();

    byGrpc("echo", Map.of("trace_rate", List.of()));
    assertThat(get(ECHO)).isEqualTo(get(ALL));
    set(ALL, "{\"trace_rate\":\"1\",\"trace_level\":null}");
    assertThat(get(ECHO).at("/trace_rate").asText()).as("follows").isEqualTo("1");
    infer("other", 2);
    assertThat(traced()).containsExactly("other", "other");
    set(ALL, CLEAR);
    infer("other", 4);
    assertThat(traced()).as("as configured").isEmpty();
  }

  @Test
  void oneCallInSoManyIsTracedAndThoseOfATraceFollowItsFlag() throws Exception {
    set(ECHO, "{\"trace_rate\":\"4\"}");
    infer("echo", 3);
    infer("echo", LEFT_OUT);
    assertThat(traced()).isEmpty();
    infer("echo", SAMPLED);
    assertThat(traced()).containsExactly("echo");
    infer("echo", 10);
    assertThat(traced()).as("the 4th, the 8th and the 12th").hasSize(3);
    set(ALL, "{\"trace_rate\":\"2\"}");
    set(ECHO, "{\"trace_rate\":\"0\"}");
    infer("echo", 6);
    infer("other", 6);
    assertThat(traced()).containsExactly("other", "other", "other");
  }

  @Test
  void soManyAreTracedAndNoMore() throws Exception {
    set(ALL, "{\"trace_rate\":\"1\"}");
    set(ECHO, "{\"trace_count\":\"3\"}");
    infer("echo", SAMPLED);
    assertThat(get(ECHO).at("/trace_count").asText()).isEqualTo("2");
    infer("echo", 5);
    infer("echo", SAMPLED);
    infer("other", 2);
    assertThat(traced()).containsExactly("echo", "echo", "echo", "other", "other");
    assertThat(byGrpc("echo", Map.of())).containsEntry("trace_count", List.of("0"));
    assertThat(get(ALL).at("/trace_count").asText()).isEqualTo("-1");

    set(ECHO, "{\"trace_count\":null}");
    set(ALL, "{\"trace_count\":\"4\"}");
    set(ALL, "{\"trace_rate\":\"2\"}");
    infer("echo", 4);
    infer("other", 8);
    assertThat(traced()).as("they share it").containsExactly("echo", "echo", "other", "other");
  }

  @Test
  void whatCannotBeSetIsRefusedByItsKeyAndChangesNothing() throws Exception {
    JsonNode before = get(ECHO);
    String most = "2147483647";
    refused(ECHO, "{\"trace_rate\":\"5\",\"trace_level\":\"LOUD\"}", "trace_level", "OFF", "LOUD");
    refused(ECHO, "{\"trace_level\":[\"OFF\",\"TIMESTAMPS\"]}", "trace_level", "one value");
    refused(ECHO, "{\"trace_level\":[\"TENSORS\"]}", "trace_level", "TENSORS", "factory");
    for (String wrong : List.of("-1", "x", "", "1.5", "2147483648", "99999999999999999999")) {
      refused(ECHO, "{\"trace_rate\":\"" + wrong + "\"}", "trace_rate", most, "'" + wrong + "'");
    }
    refused(ECHO, "{\"trace_count\":\"-2\"}", "trace_count", "from -1", "'-2'");
    refused(ECHO, "{\"trace_count\":3}", "trace_count", "a string", "3");
    refused(ECHO, "{\"trace_level\":[1]}", "trace_level", "strings", "1");
    refused(ECHO, "{\"trace_level\":{\"a\":1}}", "trace_level", "strings");
    refused(ECHO, "{\"trace_file\":\"/tmp/x\"}", "trace_file", "''", "/tmp/x");
    refused(ECHO, "{\"log_frequency\":\"1\"}", "log_frequency", "'0'", "'1'");
    refused(ECHO, "{\"trace_mode\":\"triton\"}", "trace_mode", "opentelemetry", "triton");
    refused(ECHO, "{\"trace_rat\":\"1\"}", "trace_rat", "trace_rate");
    refused(ECHO, "[]", "JSON object");
    refused(ECHO, "{\"trace_level\":[", "JSON");
    refused(ECHO, "{\"trace_rate\":\"" + "9".repeat(100_000) + "\"}", "trace_rate", "999…");
    refusedByGrpc(grpc, "echo", "trace_level", "TENSORS", Status.Code.INVALID_ARGUMENT, "factory");
    refusedByGrpc(grpc, "echo", "trace_rate", "x", Status.Code.INVALID_ARGUMENT, "trace_rate");
    refusedByGrpc(
        grpc, "echo", "x".repeat(2 << 20), "x", Status.Code.RESOURCE_EXHAUSTED, "1,048,576");
    assertThatThrownBy(() -> grpc.call("TraceSetting", new byte[] {10, 5, 1}))
        .hasMessageContaining("INVALID_ARGUMENT");
    assertThat(get(ECHO)).isEqualTo(before);
    HttpResponse<String> deleted = house.delete(ECHO);
    assertThat(deleted.statusCode()).isEqualTo(405);
    assertThat(deleted.headers().firstValue("Allow")).contains("GET, POST");
  }

  private static void refusedByGrpc(
      GrpcClient client, String model, String key, String value, Status.Code code, String word) {
    Map<String, List<String>> settings = key.isEmpty() ? Map.of() : Map.of(key, List.of(value));
    assertThatThrownBy(() -> client.call("TraceSetting", TraceWire.request(model, settings)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            error -> assertThat(error.getStatus().getCode()).isEqualTo(code))
        .hasMessageContaining(word);
  }

  @Test
  void whoSeesAModelLooksAndAnOperatorChanges() throws Exception {
    for (String path : List.of(ALL, ECHO)) {
      for (String role : List.of("viewer", "member", "operator")) {
        String token = token("press", role);
        String bearer = "Bearer " + token;
        assertThat(house.send(house.anonymous(path).header("Authorization", bearer)).statusCode())
            .isEqualTo(200);
        HttpResponse<String> got =
            house.send(
                house
                    .anonymous(path)
                    .header("Authorization", bearer)
                    .POST(BodyPublishers.ofString("{\"trace_rate\":\"3\"}")));
        assertThat(got.statusCode()).as(got.body()).isEqualTo(role.equals("operator") ? 200 : 403);
      }
      assertThat(house.send(house.anonymous(path)).statusCode()).isEqualTo(401);
    }
    try (GrpcClient viewer = new GrpcClient(house, token("paint", "viewer"));
        GrpcClient nobody = new GrpcClient(house, "nobody")) {
      assertThat(
              TraceWire.settings(viewer.call("TraceSetting", TraceWire.request("echo", Map.of()))))
          .containsEntry("trace_rate", List.of("3"));
      refusedByGrpc(viewer, "echo", "trace_rate", "1", Status.Code.PERMISSION_DENIED, "operator");
      refusedByGrpc(nobody, "", "", "", Status.Code.UNAUTHENTICATED, "token");
    }
  }

  @Test
  void aModelOrAVersionThatIsNotThereIsNotFound() throws Exception {
    for (String path : List.of("/v2/models/nobody", "/v2/models/echo/versions/9.9.9")) {
      String expected = house.get(path).body();
      HttpResponse<String> looked = house.get(path + "/trace/setting");
      HttpResponse<String> changed =
          house.post(path + "/trace/setting", "application/json", "{\"trace_rate\":\"1\"}");
      assertThat(List.of(looked.statusCode(), changed.statusCode())).containsOnly(404);
      assertThat(List.of(looked.body(), changed.body())).containsOnly(expected);
    }
    refusedByGrpc(grpc, "nobody", "", "", Status.Code.NOT_FOUND, "'nobody'");
    refusedByGrpc(grpc, "nobody", "trace_rate", "1", Status.Code.NOT_FOUND, "'nobody'");
    for (String path : List.of("/v2/trace", "/v2/trace/setting/", "/v2/models/echo/trace")) {
      assertThat(house.get(path).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void callsThatFailAreTracedAsTheirModelIs() throws Exception {
    set(ALL, "{\"trace_level\":\"OFF\"}");
    set(ECHO, "{\"trace_level\":\"TIMESTAMPS\",\"trace_rate\":\"1\"}");
    assertThat(house.post("/v2/models/echo/infer", "application/json", "{}").statusCode())
        .isEqualTo(400);
    assertThatThrownBy(() -> grpc.call("ModelInfer", TraceWire.broken("echo")))
        .hasMessageContaining("INVALID_ARGUMENT");
    assertThat(house.post("/v2/models/other/infer", "application/json", "{}").statusCode())
        .isEqualTo(400);
    assertThat(traced()).hasSize(2);
  }

  @Test
  void withoutACollectorItIsOffAndSaysWhatToSet(@TempDir Path dark) throws Exception {
    try (House plain = new House(dark, GatewayOptions.Limits.DEFAULT);
        GrpcClient client = new GrpcClient(plain)) {
      assertThat(plain.get("/v2").body()).doesNotContain("trace");
      assertThat(TraceWire.texts(client.call("ServerMetadata", new byte[0]), 3))
          .isNotEmpty()
          .doesNotContain("trace");
      JsonNode shown = JSON.readTree(plain.get(ALL).body());
      assertThat(shown.at("/trace_level/0").asText()).isEqualTo("OFF");
      assertThat(TraceWire.settings(client.call("TraceSetting", new byte[0])))
          .isEqualTo(listed(shown));
      HttpResponse<String> got =
          plain.post(ALL, "application/json", "{\"trace_level\":[\"TIMESTAMPS\"]}");
      assertThat(got.statusCode()).isEqualTo(400);
      assertThat(got.body()).contains("trace_level", "madang.yaml", "MADANG_TELEMETRY_OTLP");
      refusedByGrpc(
          client,
          "",
          "trace_level",
          "TIMESTAMPS",
          Status.Code.INVALID_ARGUMENT,
          "MADANG_TELEMETRY_OTLP");
      assertThat(plain.post(ALL, "application/json", "{\"trace_level\":\"OFF\"}").statusCode())
          .isEqualTo(200);
    }
  }
}
