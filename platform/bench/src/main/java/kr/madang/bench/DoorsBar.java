package kr.madang.bench;

import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.inference.OnnxBuilder;

/**
 * The same row by the other doors of the Open Inference Protocol, all with one client; and what the
 * slowest answers take while a server has some room left.
 */
final class DoorsBar implements Bar {
  private static final String HEAD =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,8],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":32}}],\"parameters\":{\"binary_data_output\":true}}";
  private static final float[] ROW = {0.1f, 0.2f, -0.3f, 0.4f, 1.5f, -0.6f, 0.7f, 0.8f};
  private static final double[] LOADS = {0.2, 0.4, 0.7};

  @Override
  public String name() {
    return "doors";
  }

  /** One way to ask. */
  private record Way(
      String name, URI url, Map<String, String> headers, byte[] body, boolean grpc) {}

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    Path model = Files.createTempFile("mlp", ".onnx");
    OnnxBuilder.perceptron(1, 8, 64, 64, 1).write(model);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<Figure> figures = new ArrayList<>();
    try (Runtimes ours = Runtimes.serve("--grpc-port", Integer.toString(port))) {
      String token = HttpBar.install(ours, model);
      URI rest = ours.url().resolve(HttpBar.PATH);
      if (H2load.isThere()) {
        compare(ours, ways(rest, URI.create("http://127.0.0.1:" + port), token), quick, figures);
      } else {
        System.err.println("doors: no h2load on the path (apt-get install nghttp2-client)");
      }
      if (Wrk.isThere()) {
        figures.addAll(withRoomLeft("ours", rest, token, ours.process(), quick));
        try (HttpPeer bare = HttpPeer.bare(model)) {
          URI raw = bare.url().resolve(HttpBar.PATH);
          figures.addAll(withRoomLeft("bare", raw, token, bare.process(), quick));
        }
      } else {
        System.err.println("doors: no wrk on the path (apt-get install wrk)");
      }
    } finally {
      Files.delete(model);
    }
    return figures;
  }

  private static List<Way> ways(URI rest, URI grpc, String token) {
    String bearer = "Bearer " + token;
    URI method = grpc.resolve("/inference.GRPCInferenceService/ModelInfer");
    Map<String, String> message =
        Map.of("content-type", "application/grpc", "te", "trailers", "authorization", bearer);
    return List.of(
        new Way(
            "JSON",
            rest,
            Map.of("Content-Type", "application/json", "Authorization", bearer),
            HttpBar.BODY.getBytes(StandardCharsets.US_ASCII),
            false),
        new Way(
            "bytes",
            rest,
            Map.of(
                "Content-Type",
                "application/octet-stream",
                "Inference-Header-Content-Length",
                Integer.toString(HEAD.length()),
                "Authorization",
                bearer),
            joined(HEAD.getBytes(StandardCharsets.US_ASCII), row()),
            false),
        new Way("gRPC, typed", method, message, message(false), true),
        new Way("gRPC, raw", method, message, message(true), true));
  }

  private static byte[] row() {
    ByteBuffer bytes = ByteBuffer.allocate(ROW.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : ROW) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A field of fewer than 128 bytes. */
  private static byte[] field(int number, byte[] value) {
    return joined(new byte[] {(byte) (number << 3 | 2), (byte) value.length}, value);
  }

  private static byte[] text(int number, String value) {
    return field(number, value.getBytes(StandardCharsets.US_ASCII));
  }

  /** {@code ModelInferRequest} as gRPC frames it. */
  private static byte[] message(boolean raw) {
    byte[] shape = field(3, new byte[] {1, 8});
    byte[] tensor =
        raw
            ? joined(text(1, "x"), text(2, "FP32"), shape)
            : joined(text(1, "x"), text(2, "FP32"), shape, field(5, field(6, row())));
    byte[] message = joined(text(1, "mlp"), field(5, tensor), raw ? field(7, row()) : new byte[0]);
    return joined(ByteBuffer.allocate(5).put((byte) 0).putInt(message.length).array(), message);
  }

  private static void compare(Runtimes server, List<Way> ways, boolean quick, List<Figure> figures)
      throws Exception {
    int seconds = quick ? 2 : 8;
    for (Way way : ways) {
      run(server, way, 16, seconds);
    }
    for (int callers : new int[] {16, 1}) {
      Wrk.Seen json = run(server, ways.getFirst(), callers, seconds);
      for (Way way : ways.subList(1, ways.size())) {
        Wrk.Seen seen = run(server, way, callers, seconds);
        figures.add(
            figure(
                "rate, %s, %d on the way".formatted(way.name, callers),
                seen.rate(),
                "requests/s",
                json.rate(),
                "no slower than JSON",
                seen.cpu(),
                seen.rate() >= 0.95 * json.rate()));
        figures.add(
            figure(
                "p50, %s, %d on the way".formatted(way.name, callers),
                seen.p50(),
                "us",
                json.p50(),
                "no slower than JSON",
                seen.cpu(),
                seen.p50() <= 1.05 * json.p50()));
      }
      figures.add(
          figure(
              "processor time of the server, JSON by h2load, %d on the way".formatted(callers),
              json.cpu(),
              "us/request",
              Double.NaN,
              "",
              json.cpu(),
              true));
    }
  }

  private static Wrk.Seen run(Runtimes server, Way way, int callers, int seconds) throws Exception {
    return H2load.run(way.url, way.headers, way.body, way.grpc, callers, server.process(), seconds);
  }

  /**
   * Where the client shares two cores with the server, what the slowest wait for is a core: the
   * bare server tells how much of it that is.
   */
  private static List<Figure> withRoomLeft(
      String whose, URI rest, String token, Process server, boolean quick) throws Exception {
    int seconds = quick ? 3 : 10;
    Wrk.run(rest, token, HttpBar.BODY, server, 16, seconds);
    Wrk.Seen full = Wrk.run(rest, token, HttpBar.BODY, server, 16, seconds);
    List<Figure> figures = new ArrayList<>();
    try (OpenLoop loop = new OpenLoop(rest, token, HttpBar.BODY, 64)) {
      for (double load : LOADS) {
        loop.run(load * full.rate(), 2);
        double[] micros = loop.run(load * full.rate(), seconds);
        double p50 = micros[micros.length / 2];
        double p99 = micros[(int) (micros.length * 0.99)];
        figures.add(
            figure(
                "%s, p99 at %.0f %% of %.0f requests/s, open loop (raw: p50)"
                    .formatted(whose, 100 * load, full.rate()),
                p99,
                "us",
                p50,
                "<= 3 x p50",
                Double.NaN,
                p99 <= 3 * p50));
      }
    }
    return figures;
  }

  private static Figure figure(
      String what, double value, String unit, double raw, String goal, double cpu, boolean met) {
    return new Figure("doors, " + what, value, unit, raw, goal, cpu, met);
  }
}
