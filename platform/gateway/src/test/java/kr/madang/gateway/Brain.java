package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.inference.OnnxBuilder;

/** A plugin of models and no code, in the making. */
final class Brain {
  private final String id;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  Brain(String id, String version) {
    this.id = id;
    put(
        "plugin.properties",
        "plugin.id=%s\nplugin.version=%s\nplugin.requires=*\n".formatted(id, version));
  }

  private void put(String name, String text) {
    files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a model; its inputs are named, each a field of the same name. */
  Brain model(String name, String version, OnnxBuilder onnx, String... inputs) {
    List<String> lines = new ArrayList<>();
    for (String input : inputs) {
      lines.add("%s: { fields: [%s] }".formatted(input, input));
    }
    return model(name, version, onnx.bytes(), "{ %s }".formatted(String.join(", ", lines)));
  }

  /** Adds a model; its inputs as {@code model.yaml} has them. */
  Brain model(String name, String version, byte[] onnx, String inputs) {
    put(
        "models/%s/model.yaml".formatted(name),
        "name: %s\nversion: %s\ninputs: %s\n".formatted(name, version, inputs));
    files.put("models/%s/model.onnx".formatted(name), onnx);
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  HttpResponse<String> install(House house) throws Exception {
    HttpResponse<String> got =
        house.send(
            house
                .request("/api/v1/plugins")
                .header("Content-Type", "application/zip")
                .POST(BodyPublishers.ofByteArray(bytes())));
    assertThat(got.statusCode()).as(id + ": " + got.body()).isEqualTo(201);
    return got;
  }
}
