package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import kr.madang.gateway.oip.Oip;
import kr.madang.gateway.trace.Tracing;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the doors do with those who may not come in, ask for too much, or take too long. */
@ExtendWith(VertxExtension.class)
class DoorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final GatewayOptions.Limits TIGHT =
      new GatewayOptions.Limits(
          64,
          1,
          4096,
          2_000,
          50_000,
          Duration.ofSeconds(3),
          Duration.ofMillis(700),
          10_000,
          50_000);

  @TempDir static Path home;
  private static House house;
  private static List<Operation> table;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, TIGHT);
    Taps taps = new Taps(1);
    table =
        Api.table(
            house.control,
            "0.1.0",
            () -> true,
            new MetricsPage(house.control, () -> 0, () -> 0, Tracing.off()),
            taps);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @Test
  void everyOperationButHealthNeedsAToken() throws Exception {
    Set<String> open = new HashSet<>();
    for (Operation operation : table) {
      for (String bearer : List.of("", "Bearer nonsense", "Basic eDp5", "Bearer ")) {
        HttpRequest.Builder request =
            house
                .anonymous(operation.path().replaceAll("\\{[^}]+}", "x"))
                .method(operation.method().name(), BodyPublishers.noBody());
        if (!bearer.isEmpty()) {
          request.header("Authorization", bearer);
        }
        HttpResponse<String> got = house.send(request);
        if (got.statusCode() == 200) {
          open.add(operation.path());
        } else {
          problem(got, 401, "UNAUTHORIZED");
          assertThat(got.headers().firstValue("WWW-Authenticate").orElseThrow())
              .startsWith("Bearer");
        }
      }
    }
    assertThat(open).containsExactlyInAnyOrder("/health/live", "/health/ready");
  }

  @Test
  void theDocumentListsExactlyWhatTheRouterServes(Vertx vertx) throws Exception {
    JsonNode document = JSON.readTree(house.get("/api/v1/openapi.json").body());
    assertThat(document.at("/openapi").asText()).isEqualTo("3.1.0");
    Set<String> documented = new HashSet<>();
    for (var path : document.at("/paths").properties()) {
      for (var method : path.getValue().properties()) {
        documented.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        assertThat(method.getValue().at("/operationId").asText()).isNotBlank();
      }
    }
    Door door =
        new Door(
            house.control,
            new GatewayOptions("127.0.0.1", 0, Optional.empty(), false, home, "0.1.0", TIGHT),
            Runnable::run,
            table,
            new MetricsPage(house.control, () -> 0, () -> 0, Tracing.off()),
            new Connections(vertx, 1, Duration.ofSeconds(1), new AtomicInteger()),
            new Bodies(vertx, TIGHT),
            new Oip(
                house.control,
                new Oip.Limits(1, Duration.ofSeconds(1), 1),
                "",
                Runnable::run,
                () -> true,
                status -> {},
                (error, path) -> "",
                Tracing.off()));
    door.init(vertx, vertx.getOrCreateContext());
    Set<String> served = new HashSet<>();
    for (var route : door.router().getRoutes()) {
      route
          .methods()
          .forEach(method ->
              served.add(method.name() + " " + route.getName().replaceAll(":([a-z]+)", "{$1}")));
    }
    assertThat(documented).isEqualTo(served);
  }

  @Test
  void theDocumentsReferencesLeadSomewhere() throws Exception {
    String text = house.get("/api/v1/openapi.json").body();
    JsonNode document = JSON.readTree(text);
    List<String> references = new ArrayList<>();
    document.findValuesAsText("$ref").forEach(references::add);
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  @Test
  void everyAnswerForbidsSniffingAndKeeping() throws Exception {
    for (String path : List.of("/health/live", "/nothing", "/api/v1")) {
      HttpResponse<String> got = house.send(house.anonymous(path));
      assertThat(got.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(got.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(got.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'");
    }
  }

  @Test
  void anUnknownPathIsNotFoundAndAnUnknownMethodNotAllowed() throws Exception {
    problem(house.get("/api/v1/nothing"), 404, "NOT_FOUND");
    HttpResponse<String> got =
        house.send(house.request("/api/v1/plugins").method("PATCH", BodyPublishers.noBody()));
    problem(got, 405, "METHOD_NOT_ALLOWED");
    assertThat(got.headers().firstValue("Allow").orElseThrow()).contains("GET").contains("POST");
  }

  @Test
  void parametersAreKnownOnceAndInRange() throws Exception {
    String letters = "/api/v1/workspaces/default/pipelines/x/dead-letters";
    problem(house.get(letters + "?limit=0"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?limit=many"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?limit=1&limit=2"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?lmit=1"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?state=lost"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?stage="), 400, "BAD_REQUEST");
    problem(house.get(letters + "?stage=a&stage=b"), 400, "BAD_REQUEST");
    problem(house.get(letters + "?limit=1&state=open&stage=a"), 404, "NOT_FOUND");
  }

  @Test
  void anotherMediaTypeIsRefused() throws Exception {
    problem(
        house.post("/api/v1/workspaces/default/pipelines", "text/plain", "x"),
        415,
        "UNSUPPORTED_MEDIA_TYPE");
    problem(house.post("/api/v1/plugins", "application/json", "{}"), 415, "UNSUPPORTED_MEDIA_TYPE");
  }

  @Test
  void bodiesThatAreTooLargeAreRefusedAndLeaveNothing() throws Exception {
    problem(
        house.post("/api/v1/workspaces/default/pipelines", "application/yaml", "#".repeat(2_001)),
        413,
        "TOO_LARGE");
    byte[] archive = new byte[60_000];
    problem(
        house.send(
            house
                .request("/api/v1/plugins")
                .header("Content-Type", "application/zip")
                .POST(BodyPublishers.ofByteArray(archive))),
        413,
        "TOO_LARGE");
    try (Stream<Path> left = Files.list(home.resolve("uploads"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aBodyWithoutALengthIsCountedToo() throws Exception {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              "POST /api/v1/plugins",
              "Content-Type: application/zip",
              "Transfer-Encoding: chunked"));
      byte[] chunk = ("2710\r\n" + "x".repeat(10_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      try {
        for (int i = 0; i < 50; i++) {
          out.write(chunk);
        }
      } catch (IOException e) {
        // The door may close as soon as it has heard enough.
      }
      assertThat(firstLine(socket)).contains("413");
    }
  }

  @Test
  void aBodyThatDripsEnds() throws Exception {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(
          head(
              "POST /api/v1/workspaces/default/pipelines",
              "Content-Type: application/yaml",
              "Content-Length: 1000"));
      out.write('#');
      out.flush();
      assertThat(firstLine(socket)).contains("408");
      assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
    }
  }

  @Test
  void headersThatDripEnd() throws Exception {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write("GET /health/live HTTP/1.1\r\nHost: x\r\n".getBytes(StandardCharsets.US_ASCII));
      Await.until(
          "the connection ends",
          Duration.ofSeconds(30),
          () -> {
            try {
              out.write('x');
              out.flush();
              return socket.getInputStream().available() > 0 && socket.getInputStream().read() < 0;
            } catch (IOException e) {
              return true;
            }
          });
    }
  }

  @Test
  void headersThatAreTooLargeAreRefused() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head("GET /health/live", "X-Large: " + "x".repeat(5_000)));
      assertThat(firstLine(socket)).contains(" 4");
    }
  }

  @Test
  void twoLengthsAreNoRequest() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              head(
                  "POST /api/v1/plugins",
                  "Content-Type: application/zip",
                  "Content-Length: 3",
                  "Transfer-Encoding: chunked"));
      assertThat(firstLine(socket)).contains("400");
    }
  }

  @Test
  void anAddressBeyondLoopbackHasToBeInsisted(Vertx vertx) {
    assertThatThrownBy(() ->
            Gateway.open(
                vertx,
                house.control,
                new GatewayOptions(
                    "0.0.0.0", 0, Optional.empty(), false, home.resolve("u"), "", TIGHT),
                Runnable::run))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("--insecure");
  }

  @Test
  void aPortThatIsTakenIsNamed(Vertx vertx) {
    int taken = house.gateway.port();
    assertThatThrownBy(() ->
            Gateway.open(
                vertx,
                house.control,
                new GatewayOptions(
                    "127.0.0.1", taken, Optional.empty(), false, home.resolve("u"), "", TIGHT),
                Runnable::run))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(":" + taken);
  }

  // --- helpers ---

  private static Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", house.gateway.port());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static byte[] head(String line, String... headers) {
    return (line
            + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + house.token
            + "\r\n"
            + String.join("\r\n", headers)
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String firstLine(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    InputStream in = socket.getInputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  private static void problem(HttpResponse<String> got, int status, String code) throws Exception {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(status);
    assertThat(got.headers().firstValue("Content-Type")).contains(Problem.TYPE);
    JsonNode problem = JSON.readTree(got.body());
    assertThat(problem.at("/status").asInt()).isEqualTo(status);
    assertThat(problem.at("/code").asText()).isEqualTo(code);
    assertThat(problem.at("/type").asText()).startsWith("urn:madang:problem:");
    assertThat(problem.at("/title").asText()).isNotBlank();
    assertThat(problem.at("/instance").asText()).startsWith("/");
    assertThat(problem.at("/detail").asText()).isNotBlank().doesNotContain("kr.madang", "at java");
  }
}
