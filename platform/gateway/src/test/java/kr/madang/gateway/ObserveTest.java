package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import kr.madang.inference.OnnxBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What shared inference tells people, through a real socket. */
class ObserveTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path home;
  private static House house;
  private static String press;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    new Brain("brain", "1.0.0")
        .model("echo", "1.0.0", OnnxBuilder.identity("float32", "n", 2), "x")
        .install(house);
    house.post("/api/v1/workspaces", "application/json", "{\"name\":\"press\"}");
    press =
        JSON.readTree(
                house
                    .post(
                        "/api/v1/workspaces/press/tokens",
                        "application/json",
                        "{\"subject\":\"press\",\"role\":\"member\"}")
                    .body())
            .at("/token")
            .asText();
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  private static void infer(String token) throws Exception {
    HttpResponse<String> got =
        house.send(
            house
                .anonymous("/v2/models/echo/infer")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(Models.request("FP32", "[3,2]", "[1,2,3,4,5,6]"))));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
  }

  private static HttpResponse<String> get(String token, String path) throws Exception {
    return house.send(house.anonymous(path).header("Authorization", "Bearer " + token));
  }

  @Test
  void theLedgerOfUseIsJsonOrCsvAndEachWorkspaceSeesItsOwn() throws Exception {
    infer(press);
    infer(house.token);
    JsonNode rows = JSON.readTree(get(press, "/api/v1/usage").body()).at("/usage");
    assertThat(rows).hasSize(1);
    assertThat(rows.at("/0/workspace").asText()).isEqualTo("press");
    assertThat(rows.at("/0/model").asText()).isEqualTo("echo");
    assertThat(rows.at("/0/calls").asLong()).isPositive();
    assertThat(rows.at("/0/rows").asLong()).isEqualTo(3 * rows.at("/0/calls").asLong());
    assertThat(rows.at("/0/bytesIn").asLong()).isEqualTo(24 * rows.at("/0/calls").asLong());
    assertThat(rows.at("/0/computeMillis").asDouble()).isPositive();
    assertThat(get(press, "/api/v1/usage?workspace=default").statusCode()).isEqualTo(404);

    HttpResponse<String> csv = get(house.token, "/api/v1/usage?format=csv");
    assertThat(csv.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/csv");
    List<String> lines = csv.body().lines().toList();
    assertThat(lines.getFirst()).startsWith("hour,workspace,model,version,origin,calls,");
    assertThat(lines.stream().map(line -> line.split(",")[1]).toList())
        .contains("default", "press");
    HttpResponse<String> accepted =
        house.send(house.request("/api/v1/usage").header("Accept", "text/csv"));
    assertThat(accepted.body()).startsWith("hour,workspace");

    for (String query :
        List.of(
            "?from=yesterday",
            "?from=1000-01-01T00:00:00Z",
            "?to=%2B1000000000-12-31T23:59:59Z",
            "?format=xml",
            "?since=1")) {
      assertThat(get(house.token, "/api/v1/usage" + query).statusCode()).as(query).isEqualTo(400);
    }
    assertThat(
            get(house.token, "/api/v1/usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")
                .statusCode())
        .isEqualTo(422);
    assertThat(
            JSON.readTree(
                    get(
                            house.token,
                            "/api/v1/usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
                        .body())
                .at("/usage"))
        .isEmpty();
  }

  @Test
  void timesOfEachStageAreHistogramsByWorkspaceAndModel() throws Exception {
    infer(press);
    String page = house.get("/metrics").body();
    for (String stage : List.of("queue", "batch", "run", "render")) {
      String labels =
          "model=\"echo\",origin=\"callers\",stage=\"%s\",version=\"1.0.0\",workspace=\"press\""
              .formatted(stage);
      double count = figure(page, "madang_use_seconds_count{" + labels + "}");
      assertThat(count).as(stage).isPositive();
      assertThat(
              page.lines()
                  .filter(line -> line.startsWith("madang_use_seconds_bucket"))
                  .filter(line -> line.contains("\"" + stage + "\"") && line.contains("+Inf"))
                  .filter(line -> line.contains("workspace=\"press\""))
                  .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                  .sum())
          .isEqualTo(count);
      assertThat(figure(page, "madang_use_seconds_sum{" + labels + "}")).isPositive();
    }
    assertThat(get(press, "/metrics").body())
        .contains("workspace=\"press\"")
        .doesNotContain("workspace=\"default\"");
  }

  @Test
  void memoryAndCoresOfModelsAreOnThePage() throws Exception {
    infer(house.token);
    String page = house.get("/metrics").body();
    assertThat(
            figure(
                page,
                "madang_model_memory_bytes{model=\"echo\",origin=\"plugin\",plugin=\"brain@1.0.0\",version=\"1.0.0\"}"))
        .isPositive();
    assertThat(figure(page, "madang_serving_memory_bytes")).isPositive();
    assertThat(figure(page, "madang_serving_memory_budget_bytes")).isEqualTo(4L << 30);
    assertThat(figure(page, "madang_call_memory_bytes")).isZero();
    assertThat(figure(page, "madang_call_memory_budget_bytes")).isEqualTo(1L << 30);
    int cores = Runtime.getRuntime().availableProcessors();
    assertThat(figure(page, "madang_permits")).isEqualTo(cores);
    assertThat(figure(page, "madang_permits_free")).isEqualTo(cores);
    assertThat(figure(page, "madang_backlog_seconds")).isZero();
    assertThat(page).contains("madang_workspace_waiting{workspace=\"press\"} 0.0");
  }

  @Test
  void driftIsShownAndABaselineTaken() throws Exception {
    infer(house.token);
    JsonNode version =
        JSON.readTree(house.get("/api/v1/models/echo/drift").body()).at("/versions/0");
    assertThat(version.at("/version").asText()).isEqualTo("1.0.0");
    assertThat(version.at("/limits/psi").asDouble()).isEqualTo(0.25);
    assertThat(version.at("/places/0/columns/0/name").asText()).isEqualTo("x[0]");
    assertThat(version.at("/places/0/columns/0/psi").isNull()).isTrue();
    String place = "/api/v1/models/echo/versions/1.0.0/baseline";
    assertThat(house.post(place).statusCode()).as("too little was seen").isEqualTo(429);
    for (int i = 0; i < 40; i++) {
      infer(house.token);
    }
    HttpResponse<String> taken = house.post(place);
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    assertThat(JSON.readTree(taken.body()).at("/baseline/inputs/x[1]/high").asDouble())
        .isEqualTo(6);
    infer(house.token);
    assertThat(
            figure(
                house.get("/metrics").body(),
                "madang_model_psi{column=\"x[1]\",model=\"echo\",pipeline=\"\",side=\"input\",step=\"\",version=\"1.0.0\",workspace=\"default\"}"))
        .isLessThan(0.01);
    assertThat(get(press, place).statusCode()).isEqualTo(405);
  }

  private static double figure(String page, String name) {
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not on the page"));
  }
}
