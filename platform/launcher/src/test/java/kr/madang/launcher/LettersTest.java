package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that answers as the gateway does. */
class LettersTest {
  private static final String FOLDER = "/api/v1/workspaces/default/pipelines/line/dead-letters";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream real = System.out;

  @TempDir Path home;
  private HttpServer server;
  private int status = 200;
  private String answer = "{}";

  @BeforeEach
  void open() throws IOException {
    Files.writeString(home.resolve("admin.token"), "secret-token\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void close() {
    System.setOut(real);
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean known =
        "Bearer secret-token".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    asked.add((exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip());
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(known ? status : 401, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void theListIsATable() throws InterruptedException {
    answer =
        """
        {"deadLetters": [{"id": "where:17", "stage": "where", "time": "2026-01-01T00:00:00Z",
          "why": "no\\nnumber", "attempts": 1, "rows": 12, "state": "open"}]}
        """;
    assertThat(Letters.list(read(Letters.LIST, "line", "--state", "open"), Map.of())).isZero();
    assertThat(asked).containsExactly("GET " + FOLDER + "?limit=1000&state=open");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("where:17", "no number", "12")
        .hasLineCount(2);
  }

  @Test
  void idsAreEscapedAndEachIsACallOfItsOwn() throws InterruptedException {
    assertThat(Letters.replay(read(Letters.REPLAY, "line", "a:1", "b/2"), Map.of())).isZero();
    assertThat(asked)
        .containsExactly("POST " + FOLDER + "/a%3A1/replay", "POST " + FOLDER + "/b%2F2/replay");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("2 of 2");
  }

  @Test
  void allOfThemAreOneCall() throws InterruptedException {
    answer = "{\"done\": 3, \"rows\": 30, \"left\": 1, \"reasons\": [\"no rows\"]}";
    assertThat(Letters.discard(read(Letters.DISCARD, "line", "--all", "--stage", "x"), Map.of()))
        .isEqualTo(Main.FAILED);
    assertThat(asked).containsExactly("POST " + FOLDER + "/discard {\"stage\":\"x\"}");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("3 dead letters done", "1 left");
  }

  @Test
  void correctedRowsAreThoseOfWhatShowGave() throws Exception {
    Path file = home.resolve("letter.json");
    Files.writeString(
        file, "{\"id\": \"a:1\", \"why\": \"x\", \"rows\": 1, \"data\": [{\"flow\": 2.5}]}");
    Letters.replay(read(Letters.REPLAY, "line", "a:1", "--rows", file.toString()), Map.of());
    assertThat(asked)
        .containsExactly("POST " + FOLDER + "/a%3A1/replay {\"data\":[{\"flow\":2.5}]}");
    Files.writeString(file, "{\"rows\": 1}");
    assertThatThrownBy(() -> Letters.rows(file)).hasMessageContaining("dead-letters show");
  }

  @Test
  void whatTheRuntimeRefusesIsSaidInItsWords() throws InterruptedException {
    status = 404;
    answer = "{\"detail\": \"pipeline 'line' does not exist\"}";
    assertThatThrownBy(() -> Letters.list(read(Letters.LIST, "line"), Map.of()))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("404")
        .hasMessageContaining("pipeline 'line' does not exist");
    assertThat(Letters.replay(read(Letters.REPLAY, "line", "a:1"), Map.of()))
        .as("one that cannot be done")
        .isEqualTo(Main.FAILED);
  }

  @Test
  void aWrongTokenIsSaidToBeWrong() throws IOException {
    Files.writeString(home.resolve("admin.token"), "other");
    assertThatThrownBy(() -> Letters.list(read(Letters.LIST, "line"), Map.of()))
        .hasMessageContaining("401")
        .hasMessageContaining("--token-file");
  }

  @Test
  void noRuntimeIsSaidToBeNone() {
    server.stop(0);
    assertThatThrownBy(() -> Letters.list(read(Letters.LIST, "line"), Map.of()))
        .hasMessageContaining("madang serve");
  }

  @Test
  void idsAndAllExcludeOneAnother() {
    for (List<String> wrong :
        List.of(
            List.of("line"),
            List.of("line", "a", "--all"),
            List.of("line", "--all", "--rows", "x"))) {
      assertThatThrownBy(
              () -> Letters.replay(read(Letters.REPLAY, wrong.toArray(String[]::new)), Map.of()))
          .hasMessageContaining("--all");
    }
  }

  private Arguments read(Arguments.Verb verb, String... given) {
    List<String> all = new ArrayList<>(List.of(given));
    all.addAll(List.of("--home", home.toString()));
    all.addAll(List.of("--url", "http://127.0.0.1:" + server.getAddress().getPort()));
    return Arguments.read(verb, all);
  }
}
