package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More models than fit: {@code -Dmadang.models=50 -Dmadang.modelMiB=100 -Dmadang.budgetMiB=4096}.
 */
class ManyModelsIT {
  private static final int MODELS = Harness.size("models", 6);
  private static final int MEBIBYTES = Harness.size("modelMiB", 4);
  private static final int BUDGET = Harness.size("budgetMiB", 24);
  private static final int WIDTH = 256;

  /** What the process takes beside its models: heap, code, and what is being loaded. */
  private static final long BESIDE_KIB = (1_200L << 10) + 4L * MEBIBYTES * 1024;

  @TempDir Path folder;

  @Test
  void allAnswerByLoadOnDemandWithinTheBudget() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.writeString(home.resolve("madang.yaml"), "modelMemory: %dMiB\n".formatted(BUDGET));
    long most = 0;
    long longest = 0;
    try (Madang madang = Madang.serve(home, temp)) {
      for (int i = 0; i < MODELS; i++) {
        madang.install(
            PluginArchive.ofModel(
                "heavy" + i, "1.0.0", "heavy" + i, "x", OnnxFile.heavy(i, MEBIBYTES)));
      }
      Random random = new Random(Harness.seed());
      for (int i = 0; i < 3 * MODELS; i++) {
        // Each in turn, then by chance.
        int model = i < MODELS ? i : random.nextInt(MODELS);
        long start = System.nanoTime();
        answers(madang, model);
        longest = Math.max(longest, System.nanoTime() - start);
        most = Math.max(most, Traces.resident(madang));
      }
      JsonNode index =
          Madang.JSON.readTree(
              madang.post("/v2/repository/index", "application/json", new byte[0]).body());
      assertThat(index).hasSize(MODELS).allMatch(one -> one.at("/state").asText().equals("READY"));
      Harness.print(
          "%d models of %d MiB on a budget of %d MiB: all answer; at most %,d KiB resident, the slowest answer after %,d ms",
          MODELS, MEBIBYTES, BUDGET, most, TimeUnit.NANOSECONDS.toMillis(longest));
      assertThat(most).isLessThan(BUDGET * 1024L + BESIDE_KIB);
      assertThat(madang.stop()).isZero();
    }
  }

  private static void answers(Madang madang, int model) throws Exception {
    String row = "3" + ",0".repeat(WIDTH - 1);
    HttpResponse<String> got =
        madang.send(
            madang
                .request("/v2/models/heavy" + model + "/infer")
                .POST(
                    BodyPublishers.ofString(
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":[%s]}]}"
                            .formatted(WIDTH, row))));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    JsonNode data = Madang.JSON.readTree(got.body()).at("/outputs/0/data");
    assertThat(data.get(0).asDouble()).isBetween(model + 2.999, model + 3.001);
    assertThat(data.get(1).asDouble()).isBetween(model - 0.001, model + 0.001);
  }
}
