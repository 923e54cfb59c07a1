package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are uploaded, through the doors. */
class ModelApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path home;
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  private static byte[] zip(String name, String version, OnnxBuilder onnx) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "model.yaml",
        """
        name: %s
        version: %s
        inputs: { x: {} }
        nameplate: { organization: Works, contact: hall 7 }
        """
            .formatted(name, version)
            .getBytes(StandardCharsets.UTF_8));
    files.put("model.onnx", onnx.bytes());
    return zip(files);
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static HttpResponse<String> upload(byte[] zip) throws Exception {
    return house.send(
        house
            .request("/api/v1/models")
            .header("Content-Type", "application/zip")
            .POST(BodyPublishers.ofByteArray(zip)));
  }

  private static OnnxBuilder one(String operator) {
    return new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .node(operator, List.of("x"), List.of("y"));
  }

  private static JsonNode tree(HttpResponse<String> got, int status) throws IOException {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(status);
    return JSON.readTree(got.body());
  }

  private static JsonNode standing(String name, String version) throws Exception {
    for (JsonNode one : tree(house.post("/v2/repository/index"), 200)) {
      if (one.at("/name").asText().equals(name) && one.at("/version").asText().equals(version)) {
        return one;
      }
    }
    return JSON.nullNode();
  }

  @Test
  void aModelIsUploadedLookedAtAskedAndDeleted() throws Exception {
    HttpResponse<String> got = upload(zip("sign", "1.0.0", one("Neg")));
    JsonNode model = tree(got, 201);
    String place = got.headers().firstValue("Location").orElseThrow();
    assertThat(place).isEqualTo("/api/v1/models/sign/versions/1.0.0");
    assertThat(model.at("/origin").asText()).isEqualTo("upload");
    assertThat(model.at("/nameplate/organization").asText()).isEqualTo("Works");
    assertThat(model.at("/report").isObject()).isTrue();
    assertThat(tree(house.get(place), 200).at("/digest")).isEqualTo(model.at("/digest"));
    assertThat(tree(house.get("/api/v1/models"), 200).at("/models").findValuesAsText("name"))
        .contains("sign");
    tree(upload(zip("sign", "1.0.0", one("Neg"))), 200);
    assertThat(tree(upload(zip("sign", "1.0.0", one("Abs"))), 409).at("/code").asText())
        .isEqualTo("CONFLICT");

    String ask = Models.request("FP32", "[1,1]", "[2.5]");
    assertThat(Models.json(house, "sign", ask).body()).contains("\"data\":[-2.5]");
    assertThat(standing("sign", "1.0.0").at("/state").asText()).isEqualTo("READY");
    assertThat(house.post("/v2/repository/models/sign/unload").statusCode()).isEqualTo(200);
    assertThat(standing("sign", "1.0.0").at("/state").asText()).isEqualTo("UNAVAILABLE");
    assertThat(Models.json(house, "sign", ask).statusCode()).isEqualTo(503);
    assertThat(house.post("/v2/repository/models/sign/load").statusCode()).isEqualTo(200);
    assertThat(Models.json(house, "sign", ask).statusCode()).isEqualTo(200);

    tree(upload(zip("sign", "1.1.0", one("Abs"))), 201);
    Await.until(
        "the higher version stands for the name",
        () -> Models.json(house, "sign", ask).body().contains("\"data\":[2.5]"));
    HttpResponse<String> alias =
        house.send(
            house
                .request("/api/v1/models/sign/aliases/champion")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"version\":\"1.0.0\"}")));
    assertThat(alias.statusCode()).as(alias.body()).isEqualTo(200);
    assertThat(Models.json(house, "sign", ask).body()).contains("\"data\":[-2.5]");
    assertThat(tree(house.delete(place), 409).at("/detail").asText()).contains("alias champion");
    assertThat(house.delete("/api/v1/models/sign/aliases/champion").statusCode()).isEqualTo(204);
    assertThat(house.delete(place).statusCode()).isEqualTo(204);
    assertThat(house.get(place).statusCode()).isEqualTo(404);
    assertThat(standing("sign", "1.0.0").isNull()).isTrue();
    assertThat(Models.json(house, "sign", ask).body()).contains("\"data\":[2.5]");
  }

  @Test
  void aVersionIsPinnedAndUnpinned() throws Exception {
    tree(upload(zip("kept", "1.0.0", one("Neg"))), 201);
    String pin = "/api/v1/models/kept/versions/1.0.0/pin";
    HttpResponse<String> put = house.send(house.request(pin).PUT(BodyPublishers.noBody()));
    assertThat(tree(put, 200).at("/pinned").asBoolean()).isTrue();
    assertThat(tree(put, 200).at("/state").asText()).isEqualTo("loaded");
    assertThat(house.delete(pin).statusCode()).isEqualTo(204);
    assertThat(house.delete(pin).statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsNoModelIsRefusedWithAllReasonsAndTheHouseStands() throws Exception {
    byte[] text = "x".getBytes(StandardCharsets.UTF_8);
    assertThat(tree(upload(text), 422).at("/code").asText()).isEqualTo("MODEL_REFUSED");
    assertThat(tree(upload(zip(Map.of("readme", text))), 422).at("/detail").asText())
        .isEqualTo("model.yaml: missing; expected it beside model.onnx");
    assertThat(tree(upload(zip(Map.of("../model.yaml", text))), 422).at("/detail").asText())
        .contains("leads out of the archive");
    JsonNode wrong =
        tree(
            upload(
                zip(
                    Map.of(
                        "model.onnx",
                        text,
                        "model.yaml",
                        "name: A\nversion: 1\ninputs: {}\n".getBytes(StandardCharsets.UTF_8)))),
            422);
    assertThat(wrong.at("/detail").asText()).contains("name: expected", "version: expected");
    assertThat(house.post("/api/v1/models", "text/plain", "x").statusCode()).isEqualTo(415);
    assertThat(house.get("/api/v1/models/none/versions/1.0.0").statusCode()).isEqualTo(404);
    assertThat(house.delete("/api/v1/models/none/versions/1.0.0").statusCode()).isEqualTo(404);
    assertThat(house.delete("/api/v1/models/none/versions/..%2Fx").statusCode()).isEqualTo(404);
    assertThat(home.resolve("uploads")).isEmptyDirectory();
    tree(upload(zip("stands", "1.0.0", one("Neg"))), 201);
  }

  @Test
  void aBodyForWhichThereIsNoPlaceIsToldAsSuch() throws Exception {
    byte[] model = zip("placed", "1.0.0", one("Neg"));
    Path uploads = home.resolve("uploads");
    Files.delete(uploads);
    JsonNode full = tree(upload(model), 507);
    assertThat(full.at("/code").asText()).isEqualTo("STORAGE");
    assertThat(full.at("/detail").asText())
        .startsWith("the body cannot be kept in " + uploads)
        .endsWith("check the space and the rights there");
    Files.createDirectory(uploads);
    tree(upload(model), 201);
  }
}
