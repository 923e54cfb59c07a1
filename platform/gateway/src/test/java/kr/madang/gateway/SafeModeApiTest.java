package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeModeApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PIPELINES = "/api/v1/workspaces/default/pipelines";

  @TempDir private Path home;

  @Test
  void theDoorsSayThatNothingRunsAndWhatToDo() throws Exception {
    try (House house = new House(home, GatewayOptions.Limits.DEFAULT)) {
      assertThat(JSON.readTree(house.get("/health/ready").body()).at("/mode").asText())
          .isEqualTo("normal");
      assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
      String document = "pipeline: p\nsource: toy/counter\nsinks: [ toy/oblivion ]\n";
      assertThat(house.post(PIPELINES, "application/yaml", document).statusCode()).isEqualTo(201);
    }
    try (House house = new House(home, GatewayOptions.Limits.DEFAULT, true)) {
      HttpResponse<String> ready = house.send(house.anonymous("/health/ready"));
      assertThat(ready.statusCode()).isEqualTo(200);
      assertThat(JSON.readTree(ready.body()).at("/mode").asText()).isEqualTo("safe");
      assertThat(JSON.readTree(house.get("/api/v1").body()).at("/mode").asText()).isEqualTo("safe");
      Await.until("it is parked", () -> pipeline(house).at("/state").asText().equals("parked"));
      assertThat(pipeline(house).at("/reason").asText()).startsWith("safe mode:");
      HttpResponse<String> start = house.post(PIPELINES + "/p/start");
      assertThat(start.statusCode()).isEqualTo(409);
      assertThat(JSON.readTree(start.body()).at("/detail").asText()).contains("without --safe");
      assertThat(house.get("/metrics").body()).contains("madang_safe_mode 1.0");
      assertThat(house.delete("/api/v1/plugins/toy/1.0.0").statusCode()).isEqualTo(204);
      assertThat(house.delete(PIPELINES + "/p").statusCode()).isEqualTo(204);
    }
  }

  private static JsonNode pipeline(House house) throws Exception {
    return JSON.readTree(house.get(PIPELINES + "/p").body());
  }
}
