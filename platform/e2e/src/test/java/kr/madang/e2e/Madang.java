package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The program of the distribution, as a process of its own. */
final class Madang implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Path DIST =
      Path.of(System.getProperty("madang.dist", "../dist/target/madang"))
          .toAbsolutePath()
          .normalize();
  static final String PIPELINES = "/api/v1/workspaces/default/pipelines";
  private static final int PATIENCE_SECONDS = 60;

  final Process process;
  private final Path home;
  private final String address;
  private final HttpClient client = HttpClient.newHttpClient();

  private Madang(Process process, Path home, String address) {
    this.process = process;
    this.home = home;
    this.address = address;
  }

  /**
   * What a process said and how it ended.
   *
   * @param lines of standard output
   */
  record Ended(int status, List<String> lines, String errors) {
    String last() {
      return lines.get(lines.size() - 1);
    }
  }

  /** Makes a home whose pipelines may also name files under another folder. */
  static Path home(Path home, Path files) throws IOException {
    Files.createDirectories(home);
    Files.writeString(home.resolve("madang.yaml"), "roots: [ '%s' ]\n".formatted(files));
    return home;
  }

  /** Starts a runtime and waits until it says that it is ready. */
  static Madang serve(Path home, Path temp, String... more) throws Exception {
    return serve(Wrap.NONE, home, temp, more);
  }

  /** Starts a runtime inside another program. */
  static Madang serve(Wrap wrap, Path home, Path temp, String... more) throws Exception {
    List<String> command = new ArrayList<>(List.of("serve", "--home", home.toString()));
    command.addAll(List.of("--port", "0"));
    command.addAll(List.of(more));
    Process process = start(wrap, temp, temp.resolveSibling("serve.log"), command);
    BufferedReader out = process.inputReader();
    String line =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return String.valueOf(out.readLine());
                  } catch (IOException e) {
                    return e.toString();
                  }
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(line).as(() -> log(temp)).matches("madang ready on http://127\\.0\\.0\\.1:\\d+");
    Path seen =
        wrap.ownMounts()
            ? Path.of("/proc", Long.toString(process.pid()), "root")
                .resolve(home.toString().substring(1))
            : home;
    return new Madang(process, seen, line.substring("madang ready on ".length()));
  }

  /** Starts a runtime and kills it after so long, wherever it is then. */
  static void killAtStart(Path home, Path temp, Duration after) throws Exception {
    Process process =
        start(
            Wrap.NONE,
            temp,
            temp.resolveSibling("serve.log"),
            List.of("serve", "--home", home.toString(), "--port", "0"));
    process.waitFor(after.toNanos(), TimeUnit.NANOSECONDS);
    process.destroyForcibly();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Runs a verb to its end. */
  static Ended run(Path temp, String... arguments) throws Exception {
    return run(Wrap.NONE, temp, arguments);
  }

  /** Runs a verb to its end, inside another program. */
  static Ended run(Wrap wrap, Path temp, String... arguments) throws Exception {
    Path errors = Files.createTempFile(temp.getParent(), "errors", ".log");
    Process process = start(wrap, temp, errors, List.of(arguments));
    try {
      List<String> lines = process.inputReader().lines().toList();
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      return new Ended(process.exitValue(), lines, Files.readString(errors));
    } finally {
      process.destroyForcibly();
      Files.delete(errors);
    }
  }

  /**
   * A program that starts the runtime in its own place, so that the process stays the same.
   *
   * @param command what stands before the command of the runtime
   * @param environment variables that are set in addition
   * @param ownMounts whether the runtime sees other mounts than the test
   */
  record Wrap(List<String> command, Map<String, String> environment, boolean ownMounts) {
    static final Wrap NONE = new Wrap(List.of(), Map.of(), false);

    Wrap(String... command) {
      this(List.of(command), Map.of(), false);
    }
  }

  private static Process start(Wrap wrap, Path temp, Path errors, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrap.command);
    command.add(DIST.resolve("bin/madang").toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("MADANG_"));
    builder.environment().putAll(wrap.environment);
    builder.environment().put("TMPDIR", temp.toString());
    builder.environment().put("MADANG_JAVA_OPTS", "-Djava.io.tmpdir=" + temp);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    return builder.start();
  }

  private static String log(Path temp) {
    try {
      return Files.readString(temp.resolveSibling("serve.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  String token() throws IOException {
    return Files.readString(home.resolve("admin.token")).strip();
  }

  /** Of its HTTP doors. */
  int port() {
    return URI.create(address).getPort();
  }

  HttpRequest.Builder anonymous(String path) {
    return HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(60));
  }

  HttpRequest.Builder request(String path) throws IOException {
    return anonymous(path).header("Authorization", "Bearer " + token());
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  JsonNode get(String path) throws Exception {
    HttpResponse<String> got = send(request(path));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    return JSON.readTree(got.body());
  }

  /** The page for Prometheus. */
  String metrics() throws Exception {
    HttpResponse<String> page = send(request("/metrics"));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    return page.body();
  }

  HttpResponse<String> post(String path, String type, byte[] body) throws Exception {
    return send(request(path).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)));
  }

  void install(byte[] archive) throws Exception {
    HttpResponse<String> installed = post("/api/v1/plugins", "application/zip", archive);
    assertThat(installed.statusCode()).as(installed.body()).isEqualTo(201);
  }

  void create(String document) throws Exception {
    HttpResponse<String> created =
        post(PIPELINES, "application/yaml", document.getBytes(StandardCharsets.UTF_8));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
  }

  String state(String pipeline) throws Exception {
    return get(PIPELINES + "/" + pipeline).at("/state").asText();
  }

  JsonNode ledger(String pipeline) throws Exception {
    return get(PIPELINES + "/" + pipeline + "/ledger");
  }

  /** What a stage has received since the ledger was begun. */
  long rows(String pipeline, String stage) throws Exception {
    for (JsonNode account : ledger(pipeline).at("/stages")) {
      if (account.at("/name").asText().equals(stage)) {
        return account.at("/in").asLong();
      }
    }
    return 0;
  }

  void command(String pipeline, String verb) throws Exception {
    HttpResponse<String> done =
        post(PIPELINES + "/" + pipeline + "/" + verb, "text/plain", new byte[0]);
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
  }

  void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("%s within %d s", what, PATIENCE_SECONDS).isLessThan(end);
      assertThat(process.waitFor(10, TimeUnit.MILLISECONDS)).as("it still runs").isFalse();
    }
  }

  /** Waits as {@link #until(String, Callable)} does; a failure shows the pipeline's ledger. */
  void until(String pipeline, String what, Callable<Boolean> condition) throws Exception {
    try {
      until(what, condition);
    } catch (AssertionError e) {
      String ledger = process.isAlive() ? ledger(pipeline).toString() : "it has ended";
      throw new AssertionError(what + ": " + ledger, e);
    }
  }

  /** kill -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** SIGTERM; answers the exit status. */
  int stop() throws InterruptedException {
    process.toHandle().destroy();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    client.shutdownNow();
    if (process.isAlive()) {
      kill();
    }
  }
}
