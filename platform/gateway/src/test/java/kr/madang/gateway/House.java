package kr.madang.gateway;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import kr.madang.control.Control;
import kr.madang.control.ControlOptions;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.gateway.trace.Telemetry;
import kr.madang.host.HostOptions;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.RealDisk;
import org.apache.arrow.memory.RootAllocator;

/** A whole runtime behind a real port, on a home of its own, and a client that knows the token. */
final class House implements AutoCloseable {
  final Path home;
  final String token;
  final Gateway gateway;
  final Control control;
  private final Vertx vertx = Vertx.vertx();
  final RootAllocator allocator = new RootAllocator();
  private final PluginHost host;
  private final Inference inference;
  private final Journals journals;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  House(Path home, GatewayOptions.Limits limits) throws IOException {
    this(home, limits, false);
  }

  House(Path home, GatewayOptions.Limits limits, boolean safe) throws IOException {
    this(home, limits, safe, Optional.empty());
  }

  /** One whose spans go to a collector. */
  House(Path home, GatewayOptions.Limits limits, boolean safe, Optional<Telemetry> telemetry)
      throws IOException {
    this.home = home;
    InstantSource clock = InstantSource.system();
    ThreadFactory threads = Thread.ofPlatform().daemon().name("house-", 0).factory();
    Path state = Files.createDirectories(home.resolve("state"));
    host = PluginHost.open(HostOptions.of(home.resolve("plugins"), List.of(), "0.1.0", clock));
    journals =
        new Journals(home.resolve("journal"), JournalOptions.of(new RealDisk(), clock, threads));
    Engine engine =
        new Engine(new EngineOptions(allocator, clock, threads, new Random(1), state, journals));
    inference = Inference.open(InferenceOptions.defaults(), clock);
    control =
        Control.open(
            new ControlOptions(
                home,
                host,
                engine,
                inference,
                journals,
                allocator,
                clock,
                threads,
                false,
                safe,
                List.of(),
                4L << 30,
                Duration.ofHours(1)));
    gateway =
        Gateway.open(
            vertx,
            control,
            new GatewayOptions(
                "127.0.0.1",
                0,
                Optional.of(0),
                false,
                home.resolve("uploads"),
                "0.1.0",
                limits,
                telemetry),
            Executors.newVirtualThreadPerTaskExecutor());
    control.reconcile();
    token = Files.readString(home.resolve("admin.token")).strip();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + gateway.port() + path);
  }

  HttpRequest.Builder request(String path) {
    return anonymous(path).header("Authorization", "Bearer " + token);
  }

  HttpRequest.Builder anonymous(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws Exception {
    return client.send(request.build(), handler);
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  HttpResponse<String> delete(String path) throws Exception {
    return send(request(path).DELETE());
  }

  HttpResponse<String> post(String path) throws Exception {
    return send(request(path).POST(BodyPublishers.noBody()));
  }

  HttpResponse<String> post(String path, String type, String body) throws Exception {
    return send(request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
  }

  /** Requests answered until now, this one not among them. */
  long requests() throws Exception {
    double sum = 0;
    for (String line : get("/metrics").body().split("\n")) {
      if (line.startsWith("madang_http_requests_total")) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ')));
      }
    }
    return (long) sum;
  }

  HttpResponse<String> install(String id, String version) throws Exception {
    return send(
        request("/api/v1/plugins")
            .header("Content-Type", "application/zip")
            .POST(BodyPublishers.ofByteArray(ToyArchive.of(id, version))));
  }

  @Override
  public void close() throws Exception {
    client.shutdownNow();
    gateway.close();
    control.drain(Duration.ofSeconds(20));
    control.close();
    inference.close();
    journals.close();
    host.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    allocator.close();
  }
}
