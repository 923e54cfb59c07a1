package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that are none, at each door of inference: {@code -Dmadang.malformed=10000
 * -Dmadang.chunks=1000000} is the full size.
 */
class HostileDoorsIT {
  private static final int MALFORMED = Harness.size("malformed", 400);
  private static final int CHUNKS = Harness.size("chunks", 50_000);
  private static final int WARM_UP = 300;
  private static final long MOST_GROWTH_KIB = 64 << 10;
  private static final String INFER = "/v2/models/plus/infer";
  private static final String LENGTH = "Inference-Header-Content-Length";
  private static final byte[] JSON =
      ascii(
          "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1.5,2,-3e1]}],\"outputs\":[{\"name\":\"y\"}]}");
  private static final String HEAD =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}}],\"parameters\":{\"binary_data_output\":true}}";

  @TempDir Path folder;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** {@code ModelInferRequest} of one row, typed or raw; all its parts are short. */
  private static byte[] message(boolean raw) {
    String tensor = "\n\1x\22\4FP32\32\2\1\3" + (raw ? "" : "*\16" + "2\14" + "abcdefghijkl");
    String message =
        "\n\4plus" + "*" + (char) tensor.length() + tensor + (raw ? ":\14abcdefghijkl" : "");
    return message.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The doors of one runtime, with clients that are closed before it is looked at. */
  private record Doors(Madang madang, int grpc, String token) {
    private static final List<Status.Code> INTENDED =
        List.of(
            Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.RESOURCE_EXHAUSTED);

    Map<String, Integer> rest(Damage damage, int count, boolean binary) throws Exception {
      Map<String, Integer> answers = new TreeMap<>();
      List<String> unintended = new ArrayList<>();
      byte[] body = binary ? ascii(HEAD + "012345678901") : JSON;
      try (HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        for (int i = 0; i < count; i++) {
          String status;
          byte[] bad = damage.of(body);
          if (i % 10 == 9) {
            String line = Damage.send(madang.port(), damage.head(token, INFER));
            status = line.length() >= 12 ? line.substring(9, 12) : "closed";
          } else {
            HttpRequest.Builder request =
                madang.request(INFER).POST(BodyPublishers.ofByteArray(bad));
            if (binary) {
              request.header(
                  LENGTH,
                  Integer.toString(
                      damage.below(3) > 0 ? HEAD.length() : damage.below(2 * HEAD.length())));
            }
            HttpResponse<String> got = client.send(request.build(), BodyHandlers.ofString());
            status = Integer.toString(got.statusCode());
            if (got.statusCode() != 200 && !got.body().startsWith("{\"error\":\"")) {
              unintended.add(status + " " + got.body());
            }
          }
          answers.merge(status, 1, Integer::sum);
          // What is no known version or method of HTTP is a 501.
          boolean noHttp = i % 10 == 9 && status.equals("501");
          if (status.startsWith("5") && !noHttp) {
            unintended.add(status + " to " + new String(bad, StandardCharsets.ISO_8859_1));
          }
        }
      }
      assertThat(unintended).isEmpty();
      return answers;
    }

    Map<String, Integer> grpc(Damage damage, int count) throws Exception {
      Map<String, Integer> answers = new TreeMap<>();
      try (GrpcDoor door = new GrpcDoor(grpc, token)) {
        assertThat(door.call("ModelInfer", message(false))).isNotEmpty();
        assertThat(door.call("ModelInfer", message(true))).isNotEmpty();
        for (int i = 0; i < count; i++) {
          String status = "OK";
          if (i % 10 == 9) {
            Damage.send(grpc, damage.frames());
            status = "no HTTP/2";
          } else {
            byte[] bad = damage.of(message(i % 2 == 0));
            try {
              door.call("ModelInfer", bad);
            } catch (StatusRuntimeException e) {
              status = e.getStatus().getCode().toString();
              assertThat(e.getStatus().getCode())
                  .as("%s to %s", e.getStatus(), new String(bad, StandardCharsets.ISO_8859_1))
                  .isIn(INTENDED);
            }
          }
          answers.merge(status, 1, Integer::sum);
        }
      }
      return answers;
    }
  }

  @Test
  void malformedRequestsAreRefusedAndLeaveNothingBehind() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    int port = Ports.free();
    try (Madang madang =
        Madang.serve(folder.resolve("home"), temp, "--grpc-port", Integer.toString(port))) {
      madang.install(PluginArchive.ofModel("plus", "1.0.0", "plus", "x", OnnxFile.plus(1, 3)));
      Doors doors = new Doors(madang, port, madang.token());
      Damage warm = new Damage(Harness.seed());
      doors.rest(warm, WARM_UP, false);
      doors.rest(warm, WARM_UP, true);
      doors.grpc(warm, WARM_UP);
      Traces before = Traces.of(madang);
      Damage damage = new Damage(Harness.freshSeed());
      long start = System.nanoTime();
      Harness.print("JSON: %s", doors.rest(damage, MALFORMED, false));
      Harness.print("bytes: %s", doors.rest(damage, MALFORMED, true));
      Harness.print("gRPC: %s", doors.grpc(damage, MALFORMED));
      long seconds = (System.nanoTime() - start) / 1_000_000_000;
      try {
        madang.until("nothing is left of them", () -> Traces.of(madang).within(before));
      } finally {
        Harness.print(
            "%d malformed requests a door within %d s; before: %s; after: %s",
            MALFORMED, seconds, before, Traces.of(madang));
      }
      assertThat(Traces.of(madang).resident() - before.resident()).isLessThan(MOST_GROWTH_KIB);
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void aBodyOfVerySmallChunksTakesNoMoreMemoryThanItsBytes() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Madang madang = Madang.serve(folder.resolve("home"), temp)) {
      madang.install(PluginArchive.ofModel("plus", "1.0.0", "plus", "x", OnnxFile.plus(1, 3)));
      assertThat(chunked(madang, 3_000)).startsWith("HTTP/1.1 200");
      long before = Traces.of(madang).resident();
      long start = System.nanoTime();
      assertThat(chunked(madang, CHUNKS)).startsWith("HTTP/1.1 200");
      long after = Traces.resident(madang);
      Harness.print(
          "%,d chunks of 6 bytes within %,d ms: %,d KiB resident before, %,d after",
          CHUNKS, (System.nanoTime() - start) / 1_000_000, before, after);
      // The body, its tensor, and the answer in JSON.
      assertThat(after - before).isLessThan(MOST_GROWTH_KIB + 40L * CHUNKS / 1024);
      assertThat(madang.stop()).isZero();
    }
  }

  /** Rows of three numbers, each of the form {@code 1.000,} in a chunk of its own. */
  private static String chunked(Madang madang, int chunks) throws Exception {
    int rows = chunks / 3;
    try (Socket socket = new Socket("127.0.0.1", madang.port())) {
      socket.setSoTimeout(60_000);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
      out.write(
          ascii(
              "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                  .formatted(INFER, madang.token())));
      String head =
          "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d,3],\"datatype\":\"FP32\",\"data\":["
              .formatted(rows);
      out.write(ascii(Integer.toHexString(head.length()) + "\r\n" + head + "\r\n"));
      for (int i = 1; i < rows * 3; i++) {
        out.write(ascii("6\r\n1.000,\r\n"));
      }
      out.write(ascii("6\r\n1]}]} \r\n0\r\n\r\n"));
      out.flush();
      byte[] first = socket.getInputStream().readNBytes(200);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return new String(first, StandardCharsets.ISO_8859_1);
    }
  }
}
