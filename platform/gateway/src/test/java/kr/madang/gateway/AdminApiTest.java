package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The doors of a real runtime, through a real socket. */
@TestMethodOrder(MethodOrderer.Random.class)
class AdminApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SPACE = "/api/v1/workspaces/default";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path home;
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @Test
  void healthNeedsNoToken() throws Exception {
    for (String path : List.of("/health/live", "/health/ready")) {
      HttpResponse<String> got = house.send(house.anonymous(path));
      assertThat(got.statusCode()).as(path).isEqualTo(200);
      assertThat(JSON.readTree(got.body()).at("/status").asText()).isIn("live", "ready");
    }
  }

  @Test
  void versionNamesTheProgramAndTheCaller() throws Exception {
    JsonNode got = JSON.readTree(house.get("/api/v1").body());
    assertThat(got.at("/name").asText()).isEqualTo("madang");
    assertThat(got.at("/version").asText()).isEqualTo("0.1.0");
    assertThat(got.at("/role").asText()).isEqualTo("admin");
  }

  @Test
  void aPluginIsInstalledLookedAtStoppedStartedAndUninstalled() throws Exception {
    HttpResponse<String> installed = house.install("other", "2.1.0");
    assertThat(installed.statusCode()).as(installed.body()).isEqualTo(201);
    String place = installed.headers().firstValue("Location").orElseThrow();
    assertThat(place).isEqualTo("/api/v1/plugins/other/2.1.0");

    JsonNode plugin = JSON.readTree(house.get(place).body());
    assertThat(plugin.at("/state").asText()).isEqualTo("started");
    assertThat(plugin.at("/sources/0").asText()).isEqualTo("counter");
    assertThat(house.get("/api/v1/plugins").body()).contains("\"other\"");

    assertThat(state(house.post(place + "/stop"))).isEqualTo("stopped");
    assertThat(state(house.post(place + "/start"))).isEqualTo("started");
    assertThat(house.delete(place).statusCode()).isEqualTo(204);
    assertThat(house.get(place).statusCode()).isEqualTo(404);
    try (Stream<Path> left = Files.list(home.resolve("uploads"))) {
      assertThat(left).as("uploads are thrown away").isEmpty();
    }
  }

  @Test
  void whatIsNoPluginIsRefusedWithAReason() throws Exception {
    HttpResponse<String> got =
        house.send(
            house
                .request("/api/v1/plugins")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofString("PK, or not")));
    problem(got, 422, "PLUGIN_REFUSED");
  }

  @Test
  void aPipelineLivesFromCreationToDeletion() throws Exception {
    HttpResponse<String> created = create("life");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    String place = created.headers().firstValue("Location").orElseThrow();
    assertThat(place).isEqualTo(SPACE + "/pipelines/life");
    String first = created.headers().firstValue("ETag").orElseThrow();
    assertThat(first).matches("\"\\d+\"");

    problem(create("life"), 409, "CONFLICT");
    awaitState(place, "running");
    assertThat(house.get(place + "/spec").body()).isEqualTo(document("life", "5ms"));
    assertThat(house.get(SPACE + "/pipelines").body()).contains("\"life\"");

    HttpResponse<String> replaced = replace(place, document("life", "7ms"), first);
    assertThat(replaced.statusCode()).as(replaced.body()).isEqualTo(200);
    assertThat(replaced.headers().firstValue("ETag").orElseThrow()).isNotEqualTo(first);
    problem(replace(place, document("life", "9ms"), first), 412, "PRECONDITION");
    problem(replace(place, document("life", "9ms"), "3"), 400, "BAD_REQUEST");

    JsonNode stopped = JSON.readTree(house.post(place + "/stop").body());
    assertThat(stopped.at("/desired").asText()).isEqualTo("stopped");
    awaitState(place, "stopped");
    assertThat(house.post(place + "/start").statusCode()).isEqualTo(200);
    awaitState(place, "running");
    assertThat(house.delete(place).statusCode()).isEqualTo(204);
    Await.until("as expected", PATIENCE, () -> status(place) == 404);
  }

  @Test
  void statusLedgerAndDeadLettersShowWhatHappens() throws Exception {
    String place = created("looked-at");
    awaitState(place, "running");
    Await.until(
        "as expected", PATIENCE, () -> json(place + "/ledger").at("/stages/0/in").asLong() > 10);
    JsonNode ledger = json(place + "/ledger");
    assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
    JsonNode status = json(place + "/status");
    assertThat(status.at("/phase").asText()).isEqualTo("running");
    assertThat(status.at("/stages/0/kind").asText()).isEqualTo("source");
    assertThat(json(place + "/dead-letters?limit=5").at("/deadLetters")).isEmpty();
  }

  @Test
  void aTapShowsRowsAsTheyComeAndEndsWithThePipeline() throws Exception {
    String place = created("tapped");
    awaitState(place, "running");
    HttpResponse<InputStream> tap =
        house.send(
            house.request(place + "/stages/source/tap?rows=2"), BodyHandlers.ofInputStream());
    assertThat(tap.statusCode()).isEqualTo(200);
    assertThat(tap.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(tap.body(), StandardCharsets.UTF_8))) {
      JsonNode event = nextBatch(lines);
      assertThat(event.at("/rows").asInt()).isGreaterThanOrEqualTo(2);
      assertThat(event.at("/data")).hasSize(2);
      JsonNode odd = event.at("/data/1");
      assertThat(odd.at("/tag").asText()).isEqualTo("odd");
      assertThat(odd.at("/value").isNull()).as("NaN is null").isTrue();
      assertThat(odd.at("/status").asText()).isEqualTo("Uncertain");
      assertThat(odd.at("/sourceTime").isNull()).isTrue();
      assertThat(odd.at("/receiveTime").asText()).endsWith("Z").contains("T");

      assertThat(house.post(place + "/stop").statusCode()).isEqualTo(200);
      assertThat(lines.lines().anyMatch(line -> line.equals("event: end"))).isTrue();
    }
  }

  @Test
  void aTapOfAStageThatIsNotThereIsNotFound() throws Exception {
    String place = created("untapped");
    awaitState(place, "running");
    problem(house.get(place + "/stages/nothing/tap"), 404, "NOT_FOUND");
  }

  @Test
  void aClientThatLeavesFreesItsTap() throws Exception {
    String place = created("left");
    awaitState(place, "running");
    HttpResponse<InputStream> tap =
        house.send(house.request(place + "/stages/source/tap"), BodyHandlers.ofInputStream());
    assertThat(tap.statusCode()).isEqualTo(200);
    assertThat(taps()).isPositive();
    tap.body().close();
    Await.until("as expected", PATIENCE, () -> taps() == 0);
  }

  @Test
  void aCheckReportsStepByStepAndStoresNothing() throws Exception {
    HttpResponse<String> good =
        house.post(SPACE + "/check?verify=1", "application/yaml", document("checked", "5ms"));
    assertThat(good.statusCode()).as(good.body()).isEqualTo(200);
    JsonNode report = JSON.readTree(good.body());
    assertThat(report.at("/ok").asBoolean()).as(good.body()).isTrue();
    assertThat(report.at("/steps")).isNotEmpty();
    assertThat(status(SPACE + "/pipelines/checked")).isEqualTo(404);

    HttpResponse<String> bad =
        house.post(
            SPACE + "/check",
            "application/yaml",
            document("checked", "5ms").replace("every", "evry"));
    JsonNode found = JSON.readTree(bad.body());
    assertThat(found.at("/ok").asBoolean()).isFalse();
    assertThat(bad.body()).contains("evry").contains("every");
  }

  @Test
  void aWrongDocumentIsRefusedWithItsLine() throws Exception {
    HttpResponse<String> got =
        house.post(
            SPACE + "/pipelines", "application/yaml", document("wrong", "5ms") + "sincs: []\n");
    problem(got, 422, "CONFIG_INVALID");
    assertThat(got.body()).contains("sincs").contains("sinks");
  }

  @Test
  void aDocumentMayBeJsonToo() throws Exception {
    String document =
        """
        {"pipeline":"json","source":{"use":"toy/counter"},"sinks":[{"use":"toy/oblivion"}]}\
        """;
    HttpResponse<String> got = house.post(SPACE + "/pipelines", "application/json", document);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    HttpResponse<String> spec = house.get(SPACE + "/pipelines/json/spec");
    assertThat(spec.body()).isEqualTo(document);
    assertThat(spec.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void anotherWorkspaceIsAsIfItWereNotThere() throws Exception {
    problem(house.get("/api/v1/workspaces/elsewhere/pipelines/x"), 404, "NOT_FOUND");
  }

  @Test
  void alarmsAreListedAndAnUnknownOneIsNotFound() throws Exception {
    assertThat(json(SPACE + "/alarms").at("/alarms").isArray()).isTrue();
    problem(house.post(SPACE + "/alarms/987654/acknowledge"), 404, "NOT_FOUND");
    problem(house.post(SPACE + "/alarms/x/acknowledge"), 404, "NOT_FOUND");
  }

  @Test
  void metricsAreInTheFormatOfPrometheus() throws Exception {
    String place = created("measured");
    awaitState(place, "running");
    HttpResponse<String> got = house.get("/metrics");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
    assertThat(got.body())
        .contains("madang_plugins{state=\"started\"}")
        .contains(
            "madang_stage_rows_total{kind=\"in\",pipeline=\"measured\",stage=\"source\",workspace=\"default\"}")
        .contains("madang_http_requests_total{status=\"200\"}")
        .contains("jvm_memory_used_bytes")
        .contains("jvm_threads_live_threads")
        .contains("process_files_open_files")
        .contains("madang_arrow_bytes")
        .contains("madang_safe_mode 0.0")
        .contains("madang_ledger_balanced{pipeline=\"measured\",workspace=\"default\"} 1.0")
        .contains("madang_pipeline_crash_looping{pipeline=\"measured\",workspace=\"default\"} 0.0")
        .contains("madang_journal_state{state=\"open\",workspace=\"default\"} 1.0")
        .contains("madang_journal_bytes{workspace=\"default\"}")
        .contains("madang_journal_segments{workspace=\"default\"}")
        .contains("madang_journal_commits_total{workspace=\"default\"}")
        .contains("madang_journal_force_seconds{workspace=\"default\"}")
        .contains("madang_journal_damaged_total{workspace=\"default\"} 0.0")
        .contains(
            "madang_stream_backlog_rows{pipeline=\"measured\",stage=\"source\",workspace=\"default\"}")
        .contains(
            "madang_stream_backlog_bytes{pipeline=\"measured\",stage=\"oblivion\",workspace=\"default\"}");
  }

  @Test
  void modelsAreListed() throws Exception {
    assertThat(json("/api/v1/models").at("/models").isArray()).isTrue();
  }

  // --- helpers ---

  private static HttpResponse<String> create(String name) throws Exception {
    return house.post(SPACE + "/pipelines", "application/yaml", document(name, "5ms"));
  }

  private static String created(String name) throws Exception {
    HttpResponse<String> got = create(name);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    return got.headers().firstValue("Location").orElseThrow();
  }

  private static HttpResponse<String> replace(String place, String document, String match)
      throws Exception {
    return house.send(
        house
            .request(place)
            .header("Content-Type", "application/yaml; charset=utf-8")
            .header("If-Match", match)
            .PUT(BodyPublishers.ofString(document)));
  }

  private static String document(String name, String every) {
    return """
    pipeline: %s
    source: { use: toy/counter, config: { every: %s } }
    sinks:
      - { use: toy/oblivion }
    """
        .formatted(name, every);
  }

  private static void awaitState(String place, String state) throws Exception {
    Await.until("as expected", PATIENCE, () -> json(place).at("/state").asText().equals(state));
  }

  private static JsonNode json(String path) {
    try {
      return JSON.readTree(house.get(path).body());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int status(String path) {
    try {
      return house.get(path).statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int taps() {
    try {
      return house
          .get("/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith("madang_taps "))
          .map(line -> (int) Double.parseDouble(line.substring("madang_taps ".length())))
          .findFirst()
          .orElseThrow();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode nextBatch(BufferedReader lines) throws Exception {
    while (true) {
      String line = lines.readLine();
      assertThat(line).isNotNull();
      if (line.startsWith("data: {\"stream\"")) {
        return JSON.readTree(line.substring("data: ".length()));
      }
    }
  }

  private static String state(HttpResponse<String> response) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).at("/state").asText();
  }

  private static void problem(HttpResponse<String> got, int status, String code) throws Exception {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(status);
    assertThat(got.headers().firstValue("Content-Type")).contains(Problem.TYPE);
    JsonNode problem = JSON.readTree(got.body());
    assertThat(problem.at("/status").asInt()).isEqualTo(status);
    assertThat(problem.at("/code").asText()).isEqualTo(code);
    assertThat(problem.at("/detail").asText()).isNotBlank();
  }
}
