package kr.madang.launcher;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.gateway.Gateway;
import kr.madang.gateway.GatewayOptions;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runtime as a service. */
final class Serve {
  private static final String SAFE = "safe";

  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "serve",
          "",
          "Runs the runtime until it is stopped by SIGTERM or Ctrl-C. Says 'madang ready on URL' on\n"
              + "standard output when it can serve. A second signal ends it by force.\n\n"
              + "With --safe no code of a plugin runs and no pipeline starts, so that one that ends the\n"
              + "runtime can be stopped, replaced or removed through the API. What should run stays as\n"
              + "it is, and runs again after a start without --safe.",
          List.of(
              new Arguments.Option("home", "DIR", "Where its state is kept; MADANG_HOME too."),
              new Arguments.Option("port", "N", "Of the doors, 8080 if left out; 0 picks one."),
              new Arguments.Option(
                  "grpc-port", "N", "Of the gRPC door; there is none if this is left out."),
              new Arguments.Option("host", "ADDRESS", "Of the doors, 127.0.0.1 if left out."),
              new Arguments.Option("insecure", "", "Lets plain HTTP leave this machine."),
              new Arguments.Option("drain", "30s", "How long pipelines may take to stop."),
              new Arguments.Option(
                  SAFE, "", "Opens the doors, and starts no plugin and no pipeline."),
              new Arguments.Option(
                  "journal.bytes", "16GiB", "Most bytes of the journal of a workspace."),
              Logging.LEVEL,
              Logging.LINES));

  private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

  private Serve() {}

  static int run(Arguments arguments, Map<String, String> environment) throws Exception {
    Path folder =
        arguments
            .home(environment)
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.CONFIG_INVALID,
                    "serve keeps its state in a folder: name it by --home DIR"));
    Signals signals = Signals.take();
    CompletableFuture<Vertx> vertx = CompletableFuture.supplyAsync(Serve::vertx);
    Distribution distribution = Distribution.here();
    try (Home home = Home.open(folder)) {
      Configuration configuration =
          Layers.apply(distribution, home.folder(), environment, arguments.settings());
      standing(configuration, home.folder());
      home.scratch();
      boolean safe = arguments.has(SAFE);
      if (safe) {
        LOG.warn(
            "safe mode: no plugin and no pipeline is started; what should run stays as it is, and"
                + " runs again after a start without --safe");
      }
      try (Platform platform =
          Platform.open(distribution, configuration, home.folder(), mode(safe))) {
        serve(signals, vertx.get(), distribution, configuration, home.folder(), platform);
      }
    } finally {
      close(vertx.get());
    }
    return Main.OK;
  }

  private static Platform.Mode mode(boolean safe) {
    return safe ? Platform.Mode.SAFE : Platform.Mode.SERVE;
  }

  /** Refuses, or warns of, what the journals would stand on. */
  private static void standing(Configuration configuration, Path home) {
    Ground ground = Platform.allow(configuration, home);
    ground
        .refusal()
        .ifPresent(why ->
            LOG.warn(
                "home {} {}; journal.allowAnyFileSystem is set: rows that were accepted may be lost",
                home,
                why));
    ground.warning().ifPresent(why -> LOG.warn("home {} {}", home, why));
  }

  private static void serve(
      Signals signals,
      Vertx vertx,
      Distribution distribution,
      Configuration configuration,
      Path home,
      Platform platform)
      throws InterruptedException {
    GatewayOptions options =
        new GatewayOptions(
            configuration.host(),
            configuration.port(),
            configuration.grpcPort(),
            configuration.insecure(),
            home.resolve("uploads"),
            distribution.version(),
            GatewayOptions.Limits.DEFAULT,
            configuration.telemetry().options());
    Executor blocking =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("door-", 0).factory());
    try (Gateway gateway = Gateway.open(vertx, platform.control(), options, blocking)) {
      platform.control().reconcile();
      String address =
          configuration.host().contains(":")
              ? "[" + configuration.host() + "]"
              : configuration.host();
      System.out.println("madang ready on http://" + address + ":" + gateway.port());
      gateway
          .grpcPort()
          .ifPresent(port -> System.out.println("madang grpc on " + address + ":" + port));
      System.out.flush();
      signals.await();
      LOG.info(
          "stopping: pipelines have {} s to deliver what is under way",
          configuration.drain().toSeconds());
      gateway.drain();
      platform.control().drain(configuration.drain());
    }
  }

  /** One event loop a core, for inference; nothing is unpacked into the temp folder. */
  private static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(2)
            .setPreferNativeTransport(true)
            .setDisableTCCL(true)
            .setUseDaemonThread(true)
            .setAddressResolverOptions(new AddressResolverOptions().setServers(null))
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  private static void close(Vertx vertx) throws InterruptedException {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Vert.x did not close cleanly", e);
    }
  }
}
