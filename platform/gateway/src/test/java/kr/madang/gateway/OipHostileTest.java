package kr.madang.gateway;

import static kr.madang.gateway.Models.json;
import static kr.madang.gateway.Models.refused;
import static kr.madang.gateway.Models.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are broken, endless or meant to hurt; after each the door still answers. */
class OipHostileTest {
  private static final int MOST = 300_000;
  private static final GatewayOptions.Limits TIGHT =
      new GatewayOptions.Limits(
          64,
          1,
          4096,
          2_000,
          1 << 20,
          Duration.ofSeconds(30),
          Duration.ofMillis(700),
          10_000,
          MOST);

  @TempDir static Path home;
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, TIGHT);
    Models.install(house);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    String[] bodies = {
      "",
      " ",
      "null",
      "[]",
      "{",
      "{}",
      "{\"inputs\":{}}",
      "{\"inputs\":[[]]}",
      "{\"inputs\":[1]}",
      "{\"inputs\":[{}]}",
      "{\"inputs\":[]}",
      "{\"inputs\":[],\"inputs\":[]}",
      "{\"inputs\":null}",
      "{\"inputs\":[],\"outputs\":{}}",
      "{\"inputs\":[],\"outputs\":[{}]}",
      "{\"inputs\":[],\"parameters\":[]}",
      "{\"parameters\":{\"timeout\":-1}}",
      "{\"parameters\":{\"timeout\":1e3}}",
      "{\"parameters\":{\"priority\":99999999999999999999}}",
      "{\"parameters\":{\"binary_data_output\":\"yes\"}}",
      "{\"id\":null,\"inputs\":[]}",
      request("FP32", "[1,3]", "[1,2,3]") + "x",
      request("FP32", "[1,3]", "[1,2,3]") + "{}",
      request("FP32", "[1,3]", "[1,2,3"),
      request("FP32", "[1,3]", "[1,2,"),
      request("FP32", "[1,3]", "{}"),
      request("FP32", "[1,3]", "7"),
      request("FP32", "[1,3]", "\"123\""),
      request("FP32", "[1,3]", "null"),
      request("FP32", "[1,3]", "[01,2,3]"),
      request("FP32", "[1,3]", "[+1,2,3]"),
      request("FP32", "[1,3]", "[.5,2,3]"),
      request("FP32", "[1,3]", "[1,2,3,]"),
      request("FP32", "[1,3]", "[0x1,2,3]"),
      request("FP32", "[1,3]", "[1,2]"),
      request("FP32", "[1,3]", "[1,2,3,4]"),
      request("FP32", "[1,3]", "[]"),
      request("FP32", "[]", "[1]"),
      request("FP32", "[]", "1"),
      request("FP32", "[-1,3]", "[1,2,3]"),
      request("FP32", "[1.0,3]", "[1,2,3]"),
      request("FP32", "[\"1\",3]", "[1,2,3]"),
      request("FP32", "3", "[1,2,3]"),
      request("FP32", "[9223372036854775807,3]", "[1,2,3]"),
      request("FP32", "[4294967296,4294967296]", "[1,2,3]"),
      request("FP32", "[1000000000,3]", "[1,2,3]"),
      request("FP32", "[0,9223372036854775807,9223372036854775807]", "[]"),
      request("FP32", "[99999999999999999999]", "[1,2,3]"),
      request("fp32", "[1,3]", "[1,2,3]"),
      request("", "[1,3]", "[1,2,3]"),
      request("FP32", "[" + "1,".repeat(70) + "3]", "[1,2,3]"),
      request("FP32", "[1,3]", "[" + "9".repeat(2_000) + ",2,3]"),
      request("FP32", "[1,3]", "[1e99999999999,2,3]"),
      request("FP32", "[1,3]", "[".repeat(5_000) + "1" + "]".repeat(5_000)),
      "[".repeat(100_000),
      "{\"a\":".repeat(50_000),
      "{\"" + "n".repeat(5_000) + "\":1}",
      "{\"inputs\":[{\"name\":\"x\",\"name\":\"x\"}]}",
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"shape\":[1]}]}",
      "{\"inputs\":[{\"name\":null,\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
      "{\"inputs\":[{\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"data\":[1,2,3]}]}",
      "{\"inputs\":[{\"name\":\"x\",\"data\":[1,2,3],\"data\":[1],\"shape\":[1,3],\"datatype\":\"FP32\"}]}",
    };
    for (String body : bodies) {
      HttpResponse<String> got = json(house, "echo-float32", body);
      assertThat(got.statusCode())
          .as(body.substring(0, Math.min(body.length(), 200)) + " -> " + got.body())
          .isEqualTo(400);
      refused(house, got, 400, "");
    }
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() throws Exception {
    byte[] body =
        request("BYTES", "[1,3]", "[\"aaa\",\"b\",\"c\"]").getBytes(StandardCharsets.UTF_8);
    body[new String(body, StandardCharsets.UTF_8).indexOf("aaa") + 1] = (byte) 0xff;
    HttpResponse<String> got =
        house.send(
            house.request(Models.infer("echo-string")).POST(BodyPublishers.ofByteArray(body)));
    refused(house, got, 400, "no JSON");
    // What looks like UTF-32 or UTF-16 by its zeros, and is none.
    for (byte[] zeros :
        new byte[][] {{(byte) 0xb4, 0, 0, 0, 0, 0, 9, 1}, {0, 0, (byte) 0xb4, 7}, {0, 0, 0, 0}}) {
      for (String path : List.of(Models.infer("list"), "/v2/repository/index")) {
        got = house.send(house.request(path).POST(BodyPublishers.ofByteArray(zeros)));
        refused(house, got, 400, "no JSON");
      }
    }
  }

  @Test
  void c15ABodyThatIsTooLargeIsRefusedByItsLengthAndByItsBytes() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(head("POST /v2/models/list/infer", "Content-Length: 999999999999"));
      assertThat(readAll(socket)).startsWith("HTTP/1.1 413").contains("{\"error\":");
    }
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(head("POST /v2/models/list/infer", "Transfer-Encoding: chunked"));
      byte[] chunk = ("2710\r\n" + " ".repeat(10_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      try {
        for (int i = 0; i < 500; i++) {
          out.write(chunk);
        }
      } catch (IOException e) {
        // The door may close as soon as it has heard enough.
      }
      assertThat(readAll(socket)).startsWith("HTTP/1.1 413");
    }
    Models.stands(house);
  }

  @Test
  void manySmallChunksAreABody() throws Exception {
    String body = request("FP32", "[20000]", "[" + "1,".repeat(19_999) + "1]");
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head("POST /v2/models/list/infer", "Transfer-Encoding: chunked", "Connection: close"));
      StringBuilder chunks = new StringBuilder();
      for (int i = 0; i < body.length(); i += 6) {
        String part = body.substring(i, Math.min(body.length(), i + 6));
        chunks
            .append(Integer.toHexString(part.length()))
            .append("\r\n")
            .append(part)
            .append("\r\n");
      }
      out.write(chunks.append("0\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      assertThat(readAll(socket)).startsWith("HTTP/1.1 200").contains("\"shape\":[20000]");
    }
    Models.stands(house);
  }

  @Test
  void bodiesThatArePackedAreRefused() throws Exception {
    HttpResponse<String> got =
        house.send(
            house
                .request(Models.infer("list"))
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(new byte[100])));
    refused(house, got, 415, "gzip");
  }

  @Test
  void aBodyThatDripsOrNeverComesEnds() throws Exception {
    for (int bytes : new int[] {0, 1}) {
      try (Socket socket = connect()) {
        socket.getOutputStream().write(head("POST /v2/models/list/infer", "Content-Length: 1000"));
        socket.getOutputStream().write(new byte[bytes]);
        assertThat(readAll(socket)).startsWith("HTTP/1.1 408").contains("{\"error\":");
      }
    }
    Models.stands(house);
  }

  @Test
  void aHeadThatIsNoHttpIsAnErrorOfTheProtocol() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              head(
                  "POST /v2/models/list/infer", "Content-Length: 3", "Transfer-Encoding: chunked"));
      assertThat(readAll(socket)).startsWith("HTTP/1.1 400");
    }
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(head("POST /v2/models/list/infer", "X-Large: " + "x".repeat(6_000)));
      assertThat(readAll(socket)).startsWith("HTTP/1.1 4");
    }
    Models.stands(house);
  }

  /** About a GFLOP a node. */
  private static String slowRequest(int rows) {
    return request("FP32", "[%d,512]".formatted(rows), "[" + "1,".repeat(rows * 512 - 1) + "1]");
  }

  @Test
  void c18AModelThatTakesLongEndsAtItsDeadline() throws Exception {
    String body = slowRequest(280);
    HttpResponse<String> got =
        json(house, "slow", "{\"parameters\":{\"timeout\":200000}," + body.substring(1));
    refused(house, got, 504, "deadline");
  }

  @Test
  void c19AClientThatGoesAwayEndsItsRun() throws Exception {
    String body = slowRequest(280);
    long before = rejected();
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(head("POST /v2/models/slow/infer", "Content-Length: " + body.length()));
      out.write(body.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      Await.until("it runs", () -> house.control.serving().memory().taken() > 0);
    }
    Await.until("it is over", () -> house.control.serving().memory().taken() == 0);
    Await.until("it is counted", () -> rejected() > before);
    Models.stands(house);
  }

  private static long rejected() throws Exception {
    return new ObjectMapper()
        .readTree(house.get("/v2/models/slow/stats").body())
        .at("/model_stats/0/inference_stats/fail/count")
        .asLong();
  }

  @Test
  void aClientThatAsksOnAndOnAndReadsNothingCostsNoMemory() throws Exception {
    String body = request("FP32", "[3000]", "[" + "0.1,".repeat(2_999) + "0.1]");
    byte[] one =
        (new String(
                    head("POST /v2/models/list/infer", "Content-Length: " + body.length()),
                    StandardCharsets.US_ASCII)
                + body)
            .getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      CompletableFuture<Integer> sent =
          CompletableFuture.supplyAsync(() -> {
            int count = 0;
            try {
              for (; count < 10_000; count++) {
                out.write(one);
              }
            } catch (IOException e) {
              // closed by the test
            }
            return count;
          });
      Await.until("it is answered", () -> house.requests() > 100);
      Await.until(
          "the door stops to read",
          () -> {
            long seen = house.requests();
            boolean still = true;
            for (int i = 1; i <= 5; i++) {
              still &= house.requests() - seen == i;
            }
            return still;
          });
      assertThat(sent).isNotDone();
    }
    Models.stands(house);
  }

  @Test
  void randomDamageNeverIsABug() throws Exception {
    int rounds = Integer.getInteger("madang.hostile", 200);
    Random random = new Random(5);
    byte[][] seeds = {
      request("FP32", "[1,3]", "[1.5,2,3]").getBytes(StandardCharsets.UTF_8),
      "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}}],\"parameters\":{\"binary_data_output\":true}}012345678901"
          .getBytes(StandardCharsets.UTF_8),
    };
    List<String> bad = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      byte[] body = seeds[i % 2].clone();
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        body[random.nextInt(body.length)] =
            (byte)
                (random.nextBoolean()
                    ? random.nextInt(256)
                    : "[]{},:\"0-e".charAt(random.nextInt(10)));
      }
      var request =
          house.request(Models.infer("echo-float32")).POST(BodyPublishers.ofByteArray(body));
      if (i % 2 == 1) {
        request.header("Inference-Header-Content-Length", Integer.toString(body.length - 12));
      }
      HttpResponse<String> got = house.send(request);
      if (got.statusCode() != 200 && got.statusCode() != 400) {
        bad.add(got.statusCode() + " " + new String(body, StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(bad).isEmpty();
    Models.stands(house);
  }

  // --- helpers ---

  private static Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", house.gateway.port());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static byte[] head(String line, String... headers) {
    return String.format(
            Locale.ROOT,
            "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n",
            line,
            house.token,
            String.join("\r\n", headers))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String readAll(Socket socket) throws IOException {
    StringBuilder all = new StringBuilder();
    InputStream in = socket.getInputStream();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        all.append((char) next);
      }
    } catch (IOException e) {
      // what was said before counts
    }
    return all.toString();
  }
}
