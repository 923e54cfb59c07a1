package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import kr.madang.inference.OnnxBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferTest {
  @TempDir private Path home;

  @Test
  void aRequestIsAnswered() throws Exception {
    try (House house = new House(home, GatewayOptions.Limits.DEFAULT)) {
      HttpResponse<String> installed =
          new Brain("brain", "1.0.0")
              .model("echo", "1.0.0", OnnxBuilder.identity("float32", "n", 2), "x")
              .install(house);
      assertThat(installed.body()).doesNotContain("problems\":[\"");
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> got =
            house.post(
                "/v2/models/echo/infer",
                "application/json",
                "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1.5,-0.1]}]}");
        assertThat(got.body())
            .isEqualTo(
                "{\"model_name\":\"echo\",\"model_version\":\"1.0.0\",\"id\":\"a\",\"outputs\":[{\"name\":\"y\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1.5,-0.1]}]}");
        assertThat(got.statusCode()).isEqualTo(200);
      }
      assertThat(house.control.serving().memory().taken()).isZero();
    }
  }
}
