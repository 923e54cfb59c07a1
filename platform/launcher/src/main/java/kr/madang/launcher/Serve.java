package kr.madang.launcher;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.file.FileSystemOptions;
import java.nio.file.Path;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

/** The runtime as a service. */
@Command(
    name = "serve",
    description = "Runs the runtime until it is stopped by SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true)
final class Serve implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Serve.class);

  @Mixin private final Common common = new Common();

  @Option(names = "--port", description = "The port of the doors; 0 picks a free one.")
  private @Nullable Integer port;

  @Option(names = "--host", description = "The address of the doors; 127.0.0.1 if left out.")
  private @Nullable String host;

  @Option(
      names = "--insecure",
      description = "Lets plain HTTP, and with it tokens, leave this machine.")
  private boolean insecure;

  @Override
  public Integer call() throws Exception {
    Path folder = common.namedHome();
    if (folder == null) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "serve keeps its state in a folder: name it by --home DIR");
    }
    Signals signals = Signals.take();
    CompletableFuture<Vertx> vertx = CompletableFuture.supplyAsync(Serve::vertx);
    Distribution distribution = Distribution.here();
    try (Home home = Home.open(folder)) {
      Configuration configuration = common.configure(distribution, home.folder(), flags());
      try (Platform platform = Platform.open(distribution, configuration, home.folder(), false)) {
        serve(signals, vertx.get(), distribution, configuration, home.folder(), platform);
      }
    } finally {
      close(vertx.get());
    }
    return Main.OK;
  }

  private void serve(
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
            configuration.insecure(),
            home.resolve("uploads"),
            distribution.version(),
            GatewayOptions.Limits.DEFAULT);
    Executor blocking =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("door-", 0).factory());
    try (Gateway gateway = Gateway.open(vertx, platform.control(), options, blocking)) {
      platform.control().reconcile();
      String address =
          configuration.host().contains(":")
              ? "[" + configuration.host() + "]"
              : configuration.host();
      System.out.println("madang ready on http://" + address + ":" + gateway.port());
      System.out.flush();
      signals.await();
      LOG.info("stopping: pipelines have {} to deliver what is under way", configuration.drain());
      gateway.drain();
      platform.control().drain(configuration.drain());
    }
  }

  private Map<String, String> flags() {
    Map<String, String> flags = common.flags();
    Common.put(flags, "host", host);
    Common.put(flags, "port", port);
    if (insecure) {
      flags.put("insecure", "true");
    }
    return flags;
  }

  /** One event loop is plenty for an admin API; nothing is unpacked into the temp folder. */
  private static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(2)
            .setPreferNativeTransport(false)
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
