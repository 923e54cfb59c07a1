package kr.madang.gateway;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import kr.madang.control.Control;
import kr.madang.gateway.grpc.GrpcDoor;
import kr.madang.gateway.oip.Oip;
import kr.madang.gateway.trace.Tracing;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** The doors of a runtime. Close them before control. */
public final class Gateway implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Vertx vertx;
  private final Control control;
  private final Door door;
  private final Taps taps;
  private final String deployment;
  private final CountDownLatch draining;
  private final @Nullable GrpcDoor grpc;
  private final Tracing tracing;

  private Gateway(
      Vertx vertx,
      Control control,
      Door door,
      Taps taps,
      String deployment,
      CountDownLatch draining,
      @Nullable GrpcDoor grpc,
      Tracing tracing) {
    this.vertx = vertx;
    this.control = control;
    this.door = door;
    this.taps = taps;
    this.deployment = deployment;
    this.draining = draining;
    this.grpc = grpc;
    this.tracing = tracing;
  }

  /**
   * Binds the port and serves from then on. Blocks; not to be called on an event loop.
   *
   * @param blocking runs a call on control, on a virtual thread of its own
   * @throws PluginException CONFIG_INVALID for an address that may not or cannot be bound
   */
  public static Gateway open(
      Vertx vertx, Control control, GatewayOptions options, Executor blocking) {
    checkAddress(options);
    sweep(options.uploads());
    Taps taps = new Taps(options.limits().streams());
    AtomicInteger open = new AtomicInteger();
    Tracing tracing =
        Tracing.open(options.telemetry(), options.version(), control.usage()::now, blocking);
    if (tracing.on()) {
      control.serving().tellSteps(tracing.sample(), tracing::step);
    }
    MetricsPage metrics = new MetricsPage(control, open::get, taps::open, tracing);
    CountDownLatch draining = new CountDownLatch(1);
    List<Operation> table =
        Api.table(control, options.version(), () -> draining.getCount() > 0, metrics, taps);
    GatewayOptions.Limits limits = options.limits();
    Oip oip =
        new Oip(
            control,
            new Oip.Limits(limits.inferBytes(), limits.bodyGrace(), limits.bodyBytesPerSecond()),
            options.version(),
            blocking,
            () -> draining.getCount() > 0,
            metrics::answered,
            Problem::incident,
            tracing);
    Queue<Door> doors = new ConcurrentLinkedQueue<>();
    Supplier<Door> another =
        () -> {
          Door door =
              new Door(
                  control,
                  options,
                  blocking,
                  table,
                  metrics,
                  new Connections(vertx, limits.connections(), limits.idle(), open),
                  new Bodies(vertx, limits),
                  oip);
          doors.add(door);
          return door;
        };
    try {
      String deployment =
          await(
              vertx.deployVerticle(
                  another,
                  new DeploymentOptions()
                      .setInstances(Runtime.getRuntime().availableProcessors())));
      return new Gateway(
          vertx,
          control,
          doors.element(),
          taps,
          deployment,
          draining,
          grpc(vertx, control, options, blocking, draining, deployment, tracing),
          tracing);
    } catch (ExecutionException e) {
      tracing.close();
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "cannot listen on %s:%d (%s); choose another --port or --host, or stop what uses it"
              .formatted(options.host(), options.port(), reason(e)),
          e.getCause());
    }
  }

  private static @Nullable GrpcDoor grpc(
      Vertx vertx,
      Control control,
      GatewayOptions options,
      Executor blocking,
      CountDownLatch draining,
      String deployment,
      Tracing tracing)
      throws ExecutionException {
    if (options.grpcPort().isEmpty()) {
      return null;
    }
    try {
      return GrpcDoor.open(
          control,
          options.host(),
          options.grpcPort().get(),
          options.version(),
          blocking,
          () -> draining.getCount() > 0,
          Problem::incident,
          tracing);
    } catch (RuntimeException e) {
      await(vertx.undeploy(deployment));
      tracing.close();
      throw e;
    }
  }

  /** The port of the gRPC door, if there is one. */
  public Optional<Integer> grpcPort() {
    return Optional.ofNullable(grpc).map(GrpcDoor::port);
  }

  /** The port that was bound. */
  public int port() {
    return door.port();
  }

  /** From now on {@code /health/ready} says no and taps end; requests are still answered. */
  public void drain() {
    draining.countDown();
    taps.close();
  }

  @Override
  public void close() {
    drain();
    GrpcDoor second = grpc;
    if (second != null) {
      second.close();
    }
    try {
      await(vertx.undeploy(deployment));
    } catch (ExecutionException e) {
      throw new IllegalStateException("the doors did not close", e.getCause());
    } finally {
      if (tracing.on()) {
        control.serving().tellSteps(0, _ -> {});
      }
      tracing.close();
    }
  }

  private static <T> T await(Future<T> future) throws ExecutionException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new ExecutionException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionException(e);
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? "no cause given" : String.valueOf(cause.getMessage());
  }

  private static void checkAddress(GatewayOptions options) {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.host());
    } catch (UnknownHostException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "host '" + options.host() + "' is no address of this machine; try 127.0.0.1",
          e);
    }
    if (!address.isLoopbackAddress() && !options.insecure()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "host '"
              + options.host()
              + "' can be reached from other machines, and tokens would cross the network in clear"
              + " text; put a proxy with TLS in front of 127.0.0.1, or say --insecure");
    }
  }

  /** Makes the folder for uploads and throws away what a crash left there. */
  private static void sweep(Path uploads) {
    try {
      Files.createDirectories(uploads);
      try (Stream<Path> left = Files.list(uploads)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "cannot use " + uploads + " for uploads: " + e, e);
    }
  }
}
