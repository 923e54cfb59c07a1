package kr.madang.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.inference.OnnxBuilder;

/** Resident memory of a runtime with three connectors and one small model at work. */
final class IdleBar implements Bar {
  private static final String PIPELINE =
      """
      pipeline: idle
      source: { use: simulator, config: { every: 1s } }
      steps:
        - align: { every: 1s, fields: { current: { tag: pump1/current }, pressure: { tag: pump1/pressure } } }
        - model: { use: idle, keep: [] }
      sinks:
        - { use: files, config: { path: out, format: csv } }
      """;
  private static final String AWAY =
      """
      pipeline: away
      source: { use: modbus, config: { host: 127.0.0.1, port: 1, registers: [ { tag: a, table: input, address: 0, type: int16 } ] } }
      sinks:
        - { use: files, config: { path: away, format: csv } }
      """;

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    try (Runtimes runtime = Runtimes.serve();
        HttpClient http = HttpClient.newHttpClient()) {
      String token = Files.readString(runtime.home().resolve("admin.token")).strip();
      post(http, runtime, token, "plugins", "application/zip", archive());
      String pipelines = "workspaces/default/pipelines";
      post(
          http,
          runtime,
          token,
          pipelines,
          "application/yaml",
          PIPELINE.getBytes(StandardCharsets.UTF_8));
      post(
          http,
          runtime,
          token,
          pipelines,
          "application/yaml",
          AWAY.getBytes(StandardCharsets.UTF_8));
      new CountDownLatch(1).await(quick ? 8 : 30, TimeUnit.SECONDS);
      double mebibytes = resident(runtime.process()) / 1024.0;
      return List.of(
          new Figure(
              "idle memory, three connectors and a model",
              mebibytes,
              "MiB RSS",
              Double.NaN,
              "<= 200",
              Double.NaN,
              mebibytes <= 200));
    }
  }

  private static long resident(Process process) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static void post(
      HttpClient http, Runtimes runtime, String token, String path, String type, byte[] body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(runtime.url() + "/api/v1/" + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  /** A model archive: no code, one small network. */
  private static byte[] archive() throws IOException {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entry(
          zip,
          "plugin.properties",
          """
          plugin.id=idle
          plugin.version=1.0.0
          plugin.requires=>=0.1.0 & <1.0.0
          plugin.description=A small model
          plugin.provider=bench
          plugin.license=Apache-2.0
          """
              .getBytes(StandardCharsets.UTF_8));
      entry(
          zip,
          "models/idle/model.yaml",
          """
          name: idle
          version: 1.0.0
          inputs: { x: { fields: [current, pressure], shape: [n, 2], type: float32, onBad: skip } }
          outputs: { y: { unit: "1", description: nothing } }
          """
              .getBytes(StandardCharsets.UTF_8));
      entry(zip, "models/idle/model.onnx", OnnxBuilder.perceptron(1, 2, 64, 1).bytes());
    }
    return bytes.toByteArray();
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }
}
