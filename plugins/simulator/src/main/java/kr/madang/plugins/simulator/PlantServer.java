package kr.madang.plugins.simulator;

import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A plant that answers as a Modbus TCP device; README.md lists its registers. */
public final class PlantServer implements AutoCloseable {
  private static final int BIND_SECONDS = 10;

  private final ModbusTcpServer server;
  private final EventLoopGroup network;
  private final ScheduledExecutorService work;
  private final int port;

  private PlantServer(RunningPlant plant, String host, int port) throws IOException {
    network = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    work =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("plant").factory());
    // Nobody may ask for an hour; then one request would have to compute all of it.
    work.scheduleAtFixedRate(plant::reading, 0, 100, TimeUnit.MILLISECONDS);
    CompletableFuture<Integer> bound = new CompletableFuture<>();
    server =
        ModbusTcpServer.create(
            NettyTcpServerTransport.create(config -> {
              config.bindAddress = host;
              config.port = port;
              config.eventLoopGroup = network;
              config.executor = work;
              config.bootstrapCustomizer = bootstrap -> bootstrap.handler(new PortListener(bound));
            }),
            new PlantRegisters(plant));
    try {
      server.start();
      this.port = bound.get(BIND_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      close();
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new IOException("cannot listen on " + host + ":" + port + ": " + cause, cause);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while binding " + host + ":" + port, e);
    }
  }

  /**
   * Starts a plant and its door.
   *
   * @param port 0 takes a free one
   * @param speed seconds of plant time in a second
   * @param faults planned, as {@code name@seconds[:untilSeconds]} of plant time
   */
  public static PlantServer start(
      String host, int port, long seed, double speed, List<String> faults) throws IOException {
    Plant plant = new Plant(seed, faults.stream().map(FaultPlan::parse).toList());
    return new PlantServer(new RunningPlant(plant, speed, System::nanoTime), host, port);
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Cuts all connections and frees the port; returns when that is done, after 10 s at most. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (ExecutionException _) {
      // it was not bound, or its channel was closed before
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    work.shutdownNow();
    network.shutdownGracefully(0, BIND_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(10_000);
  }

  /**
   * {@code --host 127.0.0.1 --port 1502 --seed 1 --speed 1 --fault NAME@SECONDS[:UNTIL]}…; prints
   * {@code plant ready on HOST:PORT} and serves until it is killed.
   */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      Arguments options =
          new Arguments(arguments, Set.of("host", "port", "seed", "speed", "fault"));
      String host = options.text("host", "127.0.0.1");
      PlantServer server =
          start(
              host,
              (int) options.number("port", 1502, 0, 65535),
              options.seed(),
              options.number("speed", 1, 0.01, 1000),
              options.texts("fault"));
      System.out.println("plant ready on " + host + ":" + server.port());
      System.out.flush();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
    new CountDownLatch(1).await();
  }

  /** Learns the port once the listening channel is active. */
  private static final class PortListener extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Integer> bound;

    PortListener(CompletableFuture<Integer> bound) {
      this.bound = bound;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      if (context.channel().localAddress() instanceof InetSocketAddress address) {
        bound.complete(address.getPort());
      }
      super.channelActive(context);
    }
  }
}
