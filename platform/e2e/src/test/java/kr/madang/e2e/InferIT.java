package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of a plugin answers callers from outside, also after the runtime was killed. */
class InferIT {
  private static final Path PLUGIN = Path.of("../../samples/pump-anomaly/src/main/plugin");
  private static final Path GOLDEN = PLUGIN.resolve("models/pump-autoencoder/golden.arrow");
  private static final String INFER = "/v2/models/pump-autoencoder/infer";
  private static final int WINDOW = 6 * 60;

  @TempDir Path folder;

  /** A column of the golden samples, as the bytes of a tensor. */
  private static byte[] floats(String column) throws IOException {
    List<Object> values = new ArrayList<>();
    for (Map<String, Object> row : ArrowRows.read(GOLDEN)) {
      if (row.get(column) instanceof List<?> window) {
        values.addAll(window);
      } else {
        values.add(row.get(column));
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(values.size() * 4).order(ByteOrder.LITTLE_ENDIAN);
    values.forEach(value -> bytes.putFloat((Float) value));
    return bytes.array();
  }

  private static FloatBuffer read(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  @Test
  void aModelAnswersInJsonAndInBytesAlsoAfterAKill() throws Exception {
    Path home = folder.resolve("home");
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Madang madang = Madang.serve(home, temp)) {
      assertThat(madang.send(madang.anonymous("/v2/health/live")).statusCode()).isEqualTo(200);
      assertThat(madang.send(madang.anonymous("/v2/health/ready")).statusCode()).isEqualTo(401);
      madang.install(PluginArchive.of(PLUGIN, "1.0.0"));
      answers(madang);
      madang.kill();
    }
    try (Madang again = Madang.serve(home, temp)) {
      answers(again);
      assertThat(again.stop()).isZero();
    }
  }

  private static void answers(Madang madang) throws Exception {
    JsonNode model = madang.get("/v2/models/pump-autoencoder");
    assertThat(model.at("/inputs/0/shape").toString()).isEqualTo("[-1,6,60]");
    byte[] windows = floats("window");
    FloatBuffer scores = read(floats("score"));
    int rows = windows.length / WINDOW / 4;
    assertThat(scores.remaining()).isEqualTo(rows);
    json(madang, read(windows), scores, rows);
    bytes(madang, windows, scores, rows);
    HttpResponse<String> wrong =
        madang.post(INFER, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(Madang.JSON.readTree(wrong.body()).at("/error").asText()).contains("inputs");
  }

  private static void json(Madang madang, FloatBuffer windows, FloatBuffer scores, int rows)
      throws Exception {
    StringJoiner data = new StringJoiner(",", "[", "]");
    for (int i = 0; i < windows.remaining(); i++) {
      data.add(Float.toString(windows.get(i)));
    }
    HttpResponse<String> got =
        madang.post(
            INFER,
            "application/json",
            "{\"id\":\"7\",\"inputs\":[{\"name\":\"window\",\"shape\":[%d,6,60],\"datatype\":\"FP32\",\"data\":%s}]}"
                .formatted(rows, data)
                .getBytes(StandardCharsets.UTF_8));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    JsonNode answer = Madang.JSON.readTree(got.body());
    assertThat(answer.at("/id").asText()).isEqualTo("7");
    JsonNode output = answer.at("/outputs/0/data");
    assertThat(output).hasSize(rows);
    for (int i = 0; i < rows; i++) {
      assertThat(output.get(i).floatValue()).isCloseTo(scores.get(i), within(1e-4f));
    }
  }

  private static void bytes(Madang madang, byte[] windows, FloatBuffer scores, int rows)
      throws Exception {
    String json =
        "{\"inputs\":[{\"name\":\"window\",\"shape\":[%d,6,60],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":%d}}],\"parameters\":{\"binary_data_output\":true}}"
            .formatted(rows, windows.length);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> got =
          client.send(
              madang
                  .request(INFER)
                  .header("Inference-Header-Content-Length", Integer.toString(json.length()))
                  .POST(
                      BodyPublishers.concat(
                          BodyPublishers.ofString(json), BodyPublishers.ofByteArray(windows)))
                  .build(),
              BodyHandlers.ofByteArray());
      assertThat(got.statusCode()).isEqualTo(200);
      int head =
          Integer.parseInt(
              got.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
      FloatBuffer output =
          ByteBuffer.wrap(got.body(), head, got.body().length - head)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      assertThat(output.remaining()).isEqualTo(rows);
      for (int i = 0; i < rows; i++) {
        assertThat(output.get(i)).isCloseTo(scores.get(i), within(1e-4f));
      }
    }
  }
}
