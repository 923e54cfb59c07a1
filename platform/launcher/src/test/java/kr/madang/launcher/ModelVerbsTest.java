package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that answers as the gateway does, and a model of a sample. */
class ModelVerbsTest {
  private static final Path PUMP =
      Path.of("../../samples/pump-anomaly/src/main/plugin/models/pump-autoencoder");

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream real = System.out;

  @TempDir Path home;
  private HttpServer server;
  private byte[] body = {};
  private int status = 200;
  private String answer = "{}";

  @BeforeEach
  void open() throws IOException {
    Files.writeString(home.resolve("admin.token"), "secret-token\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
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
    answer(exchange, answer);
  }

  private void answer(HttpExchange exchange, String text) throws IOException {
    body = exchange.getRequestBody().readAllBytes();
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, status == 204 ? -1 : bytes.length);
    if (status != 204) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  @Test
  void anUploadThatTakesLongSaysHowFarItHasCome() throws Exception {
    Queue<String> stages = new ConcurrentLinkedQueue<>(List.of("waiting", "measuring"));
    // who asks a third time has said what came before
    CountDownLatch third = new CountDownLatch(3);
    server.createContext(
        "/api/v1/examinations",
        exchange -> {
          String stage = stages.isEmpty() ? "measuring" : stages.remove();
          third.countDown();
          answer(
              exchange,
              "{\"examinations\":[{\"name\":\"a\",\"version\":\"1\",\"stage\":\"%s\",\"seconds\":7}]}"
                  .formatted(stage));
        });
    server.createContext(
        "/api/v1/models",
        exchange -> {
          await(third);
          answer(exchange, "{\"name\":\"a\",\"version\":\"1\",\"digest\":\"d\"}");
        });
    PrintStream errors = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(ModelVerbs.upload(read(ModelVerbs.UPLOAD, PUMP.toString()), Map.of())).isZero();
    } finally {
      System.setErr(errors);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualTo("a@1: waiting, 7 s so far\na@1: measuring, 7 s so far\n");
    assertThat(printed()).contains("a@1 is there, digest d");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Arguments read(Arguments.Verb verb, String... given) {
    List<String> all = new ArrayList<>(List.of(given));
    all.addAll(List.of("--home", home.toString()));
    all.addAll(List.of("--url", "http://127.0.0.1:" + server.getAddress().getPort()));
    return Arguments.read(verb, all);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theListIsATable() throws Exception {
    answer =
        """
        {"models": [
          {"name": "pump", "version": "1.0.0", "origin": "upload", "plugin": "", "state": "loaded",
           "bytes": 4096, "pinned": true, "reason": ""},
          {"name": "mill", "version": "2.0.0", "origin": "plugin", "plugin": "mills@1.0.0",
           "state": "refused", "bytes": 0, "pinned": false, "reason": "no\\nmodel"}]}
        """;
    assertThat(ModelVerbs.list(read(ModelVerbs.LIST), Map.of())).isZero();
    assertThat(asked).containsExactly("GET /api/v1/models");
    assertThat(printed()).hasLineCount(3).contains("upload", "mills@1.0.0", "no model", "4096");
  }

  @Test
  void aFolderIsPackedWithoutWhatIsHiddenAndAnArchiveIsSentAsItIs() throws Exception {
    Path folder = Files.createDirectories(home.resolve("pump/data"));
    Files.writeString(home.resolve("pump/model.yaml"), "name: pump\n");
    Files.writeString(folder.resolve("golden.arrow"), "golden");
    Files.writeString(home.resolve("pump/.git"), "hidden");
    answer = "{\"name\":\"pump\",\"version\":\"1.0.0\",\"digest\":\"abc\",\"report\":{}}";
    String pump = home.resolve("pump").toString();
    assertThat(ModelVerbs.upload(read(ModelVerbs.UPLOAD, pump), Map.of())).isZero();
    assertThat(asked).containsExactly("POST /api/v1/models");
    assertThat(printed()).isEqualTo("pump@1.0.0 is there, digest abc%n".formatted());
    List<String> names = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(body))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName() + " " + zip.readAllBytes().length);
      }
    }
    assertThat(names).containsExactly("data/golden.arrow 6", "model.yaml 11");
    Path archive = Files.writeString(home.resolve("a.zip"), "whatever");
    ModelVerbs.upload(read(ModelVerbs.UPLOAD, archive.toString()), Map.of());
    assertThat(body).isEqualTo(Files.readAllBytes(archive));
    assertThatThrownBy(() -> ModelVerbs.upload(read(ModelVerbs.UPLOAD, "none.zip"), Map.of()))
        .hasMessageContaining("there is no file none.zip");
  }

  @Test
  void whatTheRuntimeRefusesIsSaidInItsWords() throws Exception {
    Path archive = Files.writeString(home.resolve("a.zip"), "whatever");
    status = 422;
    answer = "{\"detail\": \"model.yaml: missing\"}";
    assertThatThrownBy(
            () -> ModelVerbs.upload(read(ModelVerbs.UPLOAD, archive.toString()), Map.of()))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("422 model.yaml: missing");
  }

  @Test
  void namesAreEscapedAndAskedForByVersion() throws Exception {
    answer =
        """
        {"name": "a", "report": {"memory": {"estimate": 12}, "warnings": [], "longest": null,
          "curve": [{"rows": 1, "micros": 2.5}], "inputs": [{"name": "x", "shape": [-1, 3]}]}}
        """;
    ModelVerbs.inspect(read(ModelVerbs.INSPECT, "a b@1.0.0"), Map.of());
    assertThat(printed())
        .isEqualTo(
            """
            name: a
            report:
              memory:
                estimate: 12
              warnings: []
              longest: -
              curve:
                - rows 1, micros 2.5
              inputs:
                - name x, shape [-1, 3]
            """);
    status = 204;
    ModelVerbs.remove(read(ModelVerbs.REMOVE, "a@1.0.0"), Map.of());
    assertThat(asked)
        .containsExactly(
            "GET /api/v1/models/a%20b/versions/1.0.0", "DELETE /api/v1/models/a/versions/1.0.0");
    assertThatThrownBy(() -> ModelVerbs.remove(read(ModelVerbs.REMOVE, "a"), Map.of()))
        .hasMessageContaining("expected NAME@VERSION, got 'a'");
    assertThatThrownBy(() -> ModelVerbs.inspect(read(ModelVerbs.INSPECT, "nothing"), Map.of()))
        .hasMessageContaining("is no file");
  }

  @Test
  void anAliasIsShownSetAndRemoved() throws Exception {
    answer = "{\"aliases\": {\"champion\": \"1.0.0\"}}";
    ModelVerbs.alias(read(ModelVerbs.ALIAS, "pump"), Map.of());
    assertThat(printed()).isEqualTo("champion: 1.0.0%n".formatted());
    ModelVerbs.alias(read(ModelVerbs.ALIAS, "pump", "champion", "1.0.0"), Map.of());
    assertThat(new String(body, StandardCharsets.UTF_8)).isEqualTo("{\"version\":\"1.0.0\"}");
    ModelVerbs.alias(read(ModelVerbs.ALIAS, "pump", "--rm", "champion"), Map.of());
    assertThat(asked)
        .containsExactly(
            "GET /api/v1/models/pump/aliases",
            "PUT /api/v1/models/pump/aliases/champion",
            "DELETE /api/v1/models/pump/aliases/champion",
            "GET /api/v1/models/pump/aliases");
    assertThatThrownBy(() -> ModelVerbs.alias(read(ModelVerbs.ALIAS, "pump", "x"), Map.of()))
        .hasMessageContaining("expected NAME");
  }

  @Test
  void aFolderAndAnArchiveAreExaminedWithoutARuntime() throws Exception {
    server.stop(0);
    assertThat(ModelVerbs.inspect(read(ModelVerbs.INSPECT, PUMP.toString()), Map.of())).isZero();
    assertThat(printed()).contains("name: pump-autoencoder", "version: 1.0.0", "report:");
    Path zip = home.resolve("pump.zip");
    FolderZip.of(PUMP, zip);
    assertThat(ModelVerbs.inspect(read(ModelVerbs.INSPECT, zip.toString(), "--json"), Map.of()))
        .isZero();
    assertThat(printed().lines().toList().getLast()).startsWith("{\"name\":\"pump-autoencoder\"");
    Files.writeString(zip, "no archive");
    assertThatThrownBy(() -> ModelVerbs.inspect(read(ModelVerbs.INSPECT, zip.toString()), Map.of()))
        .hasMessageContaining("no zip archive");
  }
}
