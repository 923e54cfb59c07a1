package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New versions of a model that callers use without a pause. */
class SwapIT {
  private static final int SWAPS = Harness.size("swaps", 4);
  private static final int WARM_UP = 3;
  private static final int CALLERS = 4;
  private static final int COLUMNS = 3;
  private static final String MODEL = "/api/v1/models/plus";
  private static final long MOST_GROWTH_KIB = 96 << 10;

  @TempDir Path folder;

  private static double by(String version) {
    return Double.parseDouble(version.substring(0, version.indexOf('.')));
  }

  private static void install(Madang madang, int number, byte[] onnx) throws Exception {
    madang.install(PluginArchive.ofModel("plus", number + ".0.0", "plus", "x", onnx));
  }

  /** What answers calls by name, whatever is installed beside it. */
  private static void first(Madang madang) throws Exception {
    install(madang, 1, OnnxFile.plus(1, COLUMNS));
    HttpResponse<String> set =
        madang.send(
            madang
                .request(MODEL + "/aliases/champion")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"version\":\"1.0.0\"}")));
    assertThat(set.statusCode()).as(set.body()).isEqualTo(200);
  }

  private static JsonNode rollout(Madang madang, String body) throws Exception {
    HttpResponse<String> started =
        madang.post(MODEL + "/rollout", "application/json", body.getBytes(StandardCharsets.UTF_8));
    assertThat(started.statusCode()).as(started.body()).isEqualTo(201);
    return Madang.JSON.readTree(started.body());
  }

  private static String champion(Madang madang) throws Exception {
    return madang.get(MODEL + "/aliases").at("/aliases/champion").asText();
  }

  /** Brings a version, lets it take over, and takes the one before away. */
  private static void swap(Madang madang, int to) throws Exception {
    install(madang, to, OnnxFile.plus(to, COLUMNS));
    rollout(madang, "{\"version\":\"%d.0.0\",\"share\":0.5,\"watchSeconds\":600}".formatted(to));
    HttpResponse<String> promoted =
        madang.post(MODEL + "/rollout/promote", "application/json", new byte[0]);
    assertThat(promoted.statusCode()).as(promoted.body()).isEqualTo(200);
    assertThat(champion(madang)).isEqualTo(to + ".0.0");
    HttpResponse<String> removed =
        madang.send(madang.request("/api/v1/plugins/plus/" + (to - 1) + ".0.0").DELETE());
    assertThat(removed.statusCode() / 100).as(removed.body()).isEqualTo(2);
  }

  @Test
  void swapsUnderLoadFailNoCallAndGiveNoWrongAnswer() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Madang madang = Madang.serve(folder.resolve("home"), temp)) {
      first(madang);
      int version = 1;
      long answered;
      Traces before;
      try (Asker asker = new Asker(madang, "plus", COLUMNS, CALLERS, SwapIT::by)) {
        for (int i = 0; i < WARM_UP; i++) {
          swap(madang, ++version);
        }
        before = Traces.of(madang);
        for (int i = 0; i < SWAPS; i++) {
          long seen = asker.answered();
          swap(madang, ++version);
          madang.until("calls go on", () -> asker.answered() > seen + CALLERS);
        }
        assertThat(asker.failed()).isEmpty();
        answered = asker.answered();
      }
      madang.until("no tensor is left", () -> Traces.of(madang).tensors() == 0);
      Traces after = Traces.of(madang);
      Harness.print(
          "%d swaps, %,d calls, 0 failed, 0 wrong; before: %s; after: %s",
          SWAPS, answered, before, after);
      assertThat(after.resident() - before.resident()).isLessThan(MOST_GROWTH_KIB);
      assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + CALLERS);
      JsonNode models = madang.get("/v2/models/plus");
      assertThat(models.at("/versions")).hasSize(1);
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void aVersionWhoseRunsFailIsRolledBackByItself() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Madang madang = Madang.serve(folder.resolve("home"), temp)) {
      first(madang);
      install(madang, 2, OnnxFile.picky(2, COLUMNS));
      try (Asker asker = new Asker(madang, "plus", COLUMNS, CALLERS, SwapIT::by)) {
        rollout(madang, "{\"version\":\"2.0.0\",\"share\":0.2,\"watchSeconds\":600}");
        madang.until(
            "it is rolled back",
            () -> madang.get(MODEL + "/rollout").at("/state").asText().equals("rolledBack"));
        assertThat(madang.get(MODEL + "/rollout").at("/reason").asText()).contains("failed");
        assertThat(champion(madang)).isEqualTo("1.0.0");
        Harness.print("rolled back: %s", madang.get(MODEL + "/rollout").at("/reason").asText());
        madang.until(
            "people are told",
            () ->
                madang
                    .get("/api/v1/workspaces/default/alarms")
                    .toString()
                    .contains("model.rolledBack"));
        int failures = asker.failed().size();
        long seen = asker.answered();
        madang.until("calls go on", () -> asker.answered() > seen + 100);
        // A call that was sent to the bad version before may still have come back since.
        assertThat(asker.failed().size() - failures).isLessThanOrEqualTo(CALLERS);
      }
      assertThat(madang.stop()).isZero();
    }
  }
}
