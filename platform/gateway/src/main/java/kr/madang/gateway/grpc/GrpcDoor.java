package kr.madang.gateway.grpc;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import kr.madang.control.Control;
import kr.madang.gateway.trace.Tracing;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The Open Inference Protocol over gRPC, on a port of its own. */
public final class GrpcDoor implements AutoCloseable {
  /** Of a message. */
  static final int MOST_BYTES = 64 << 20;

  private static final int STREAMS = 256;
  private static final int HEADER_BYTES = 16 << 10;
  private static final long PATIENCE_SECONDS = 10;

  private final Server server;
  private final EventLoopGroup loops;

  private GrpcDoor(Server server, EventLoopGroup loops) {
    this.server = server;
    this.loops = loops;
  }

  /**
   * Binds the port and serves from then on.
   *
   * @param port 0 picks a free one
   * @param version of the distribution
   * @param blocking runs what may block
   * @param ready whether requests are served
   * @param incident logs what nobody expected, at a method, and gives back what a client is told
   * @param more what else is offered at the port
   * @param tracing which calls become spans
   * @throws PluginException CONFIG_INVALID for an address that cannot be bound
   */
  public static GrpcDoor open(
      Control control,
      String host,
      int port,
      String version,
      Executor blocking,
      BooleanSupplier ready,
      BiFunction<Throwable, String, String> incident,
      ServerServiceDefinition more,
      Tracing tracing) {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("madang-grpc", true),
            Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    Calls calls = new Calls(control, version, blocking, ready, incident, tracing);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(
                Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .directExecutor()
            .maxInboundMessageSize(MOST_BYTES)
            .maxInboundMetadataSize(HEADER_BYTES)
            .maxConcurrentCallsPerConnection(STREAMS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .intercept(new TokenCheck(control))
            .addService(calls.service())
            .addService(calls.health())
            .addService(more)
            .build();
    try {
      return new GrpcDoor(server.start(), loops);
    } catch (IOException e) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "cannot listen on %s:%d (%s); choose another --grpc-port or --host, or stop what uses it"
              .formatted(host, port, cause.getMessage()),
          e);
    }
  }

  /** The port that was bound. */
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      loops
          .shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS)
          .await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    }
  }
}
