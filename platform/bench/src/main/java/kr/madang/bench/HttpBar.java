package kr.madang.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.inference.OnnxBuilder;

/**
 * One row a request through the Open Inference Protocol, kept alive, with token, quota and figures;
 * beside it, in turn, a bare Vert.x server and a FastAPI server where Python has what it takes.
 */
final class HttpBar implements Bar {
  static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,8],\"datatype\":\"FP32\",\"data\":[0.1,0.2,-0.3,0.4,1.5,-0.6,0.7,0.8]}]}";
  static final String PATH = "/v2/models/mlp/infer";
  private static final int ROUNDS = 3;

  @Override
  public String name() {
    return "http";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    if (!Wrk.isThere()) {
      System.err.println("http: skipped, there is no wrk on the path (apt-get install wrk)");
      return List.of();
    }
    Path model = Files.createTempFile("mlp", ".onnx");
    OnnxBuilder.perceptron(1, 8, 64, 64, 1).write(model);
    List<Figure> figures = new ArrayList<>();
    try (Runtimes ours = Runtimes.serve();
        HttpPeer bare = HttpPeer.bare(model)) {
      String token = install(ours, model);
      URI mine = ours.url().resolve(PATH);
      URI raw = bare.url().resolve(PATH);
      int warm = quick ? 5 : 30;
      int seconds = quick ? 3 : 10;
      Wrk.run(mine, token, BODY, ours.process(), 16, warm);
      Wrk.run(raw, token, BODY, bare.process(), 16, warm);
      for (int connections : new int[] {16, 1}) {
        Wrk.Seen seen = Wrk.run(mine, token, BODY, ours.process(), connections, seconds);
        Wrk.Seen least = Wrk.run(raw, token, BODY, bare.process(), connections, seconds);
        figures.add(cpu(connections, seen, least));
        figures.add(
            figure(
                "p50",
                connections,
                seen.p50(),
                "us",
                least.p50(),
                "<= bare + 30",
                seen.p50() <= least.p50() + 30));
        figures.add(
            figure(
                "p99",
                connections,
                seen.p99(),
                "us",
                least.p99(),
                "as bare",
                seen.p99() <= 1.5 * least.p99()));
        figures.add(
            figure(
                "rate",
                connections,
                seen.rate(),
                "requests/s",
                least.rate(),
                "as bare",
                seen.rate() >= 0.7 * least.rate()));
      }
      Optional<String> python = python();
      if (python.isPresent()) {
        Wrk.Seen seen = Wrk.run(mine, token, BODY, ours.process(), 16, seconds);
        try (HttpPeer peer = HttpPeer.fastApi(python.get(), model)) {
          URI theirs = peer.url().resolve(PATH);
          Wrk.run(theirs, token, BODY, peer.process(), 16, 3);
          Wrk.Seen slow = Wrk.run(theirs, token, BODY, peer.process(), 16, seconds);
          figures.add(
              figure(
                  "rate, against " + engine(python.get()),
                  16,
                  seen.rate(),
                  "requests/s",
                  slow.rate(),
                  ">= 15 x",
                  seen.rate() >= 15 * slow.rate()));
        }
      } else {
        System.err.println(
            "http: FastAPI skipped, python3 lacks one of fastapi, uvicorn, uvloop, httptools, numpy");
      }
    } finally {
      Files.delete(model);
    }
    figures.add(longer(quick ? 2 : 5, quick ? 5 : 30));
    return figures;
  }

  /** A model of about a millisecond, where the way there and back should hardly be felt. */
  private static Figure longer(int seconds, int warm) throws Exception {
    Path model = Files.createTempFile("mlp", ".onnx");
    OnnxBuilder.perceptron(1, 8, 1_600, 1_600, 1).write(model);
    try (Runtimes ours = Runtimes.serve();
        HttpPeer bare = HttpPeer.bare(model)) {
      String token = install(ours, model);
      URI mine = ours.url().resolve(PATH);
      URI raw = bare.url().resolve(PATH);
      Wrk.run(mine, token, BODY, ours.process(), 16, warm);
      Wrk.run(raw, token, BODY, bare.process(), 16, warm);
      double[] seen = new double[ROUNDS];
      double[] least = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        seen[round] = Wrk.run(mine, token, BODY, ours.process(), 1, seconds).p50();
        least[round] = Wrk.run(raw, token, BODY, bare.process(), 1, seconds).p50();
      }
      Arrays.sort(seen);
      Arrays.sort(least);
      double our = seen[ROUNDS / 2];
      double theirs = least[ROUNDS / 2];
      return figure(
          "p50, a longer model", 1, our, "us", theirs, "ratio <= 1.06", our <= 1.06 * theirs);
    } finally {
      Files.delete(model);
    }
  }

  /** The first Python that has what the server needs; Debian's is not always the first at all. */
  private static Optional<String> python() {
    return Stream.of("python3", "/usr/bin/python3")
        .filter(one -> Wrk.works(one, "-c", "import fastapi, uvicorn, uvloop, httptools, numpy"))
        .findFirst();
  }

  /** What the server in Python computes with: numpy where there is no onnxruntime, as in Debian. */
  private static String engine(String python) {
    return Wrk.works(python, "-c", "import onnxruntime") ? "fastapi+onnxruntime" : "fastapi+numpy";
  }

  private static Figure cpu(int connections, Wrk.Seen seen, Wrk.Seen least) {
    return new Figure(
        "http, processor time of the server, %d connections".formatted(connections),
        seen.cpu(),
        "us/request",
        least.cpu(),
        "<= 28",
        seen.cpu(),
        seen.cpu() <= 28);
  }

  private static Figure figure(
      String what,
      int connections,
      double value,
      String unit,
      double raw,
      String goal,
      boolean met) {
    return new Figure(
        "http, %s, %d connections".formatted(what, connections),
        value,
        unit,
        raw,
        goal,
        Double.NaN,
        met);
  }

  static String install(Runtimes runtime, Path model) throws Exception {
    String token = Files.readString(runtime.home().resolve("admin.token")).strip();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entry(zip, "plugin.properties", "plugin.id=mlp\nplugin.version=1.0.0\nplugin.requires=*\n");
      entry(
          zip,
          "models/mlp/model.yaml",
          "name: mlp\nversion: 1.0.0\ninputs: { x: { fields: [a, b, c, d, e, f, g, h] } }\n");
      zip.putNextEntry(new ZipEntry("models/mlp/model.onnx"));
      zip.write(Files.readAllBytes(model));
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      var got =
          client.send(
              HttpRequest.newBuilder(runtime.url().resolve("/api/v1/plugins"))
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/zip")
                  .POST(BodyPublishers.ofByteArray(bytes.toByteArray()))
                  .build(),
              BodyHandlers.ofString());
      if (got.statusCode() != 201) {
        throw new IllegalStateException(got.body());
      }
    }
    return token;
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
