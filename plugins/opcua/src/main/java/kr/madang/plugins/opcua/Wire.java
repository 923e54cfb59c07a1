package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Connection;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.transport.client.tcp.OpcTcpClientTransportConfig;
import org.jspecify.annotations.Nullable;

/**
 * One connection with its secure channel and its two threads, both gone after {@link #close}.
 * Sessions of several sources may use it at once.
 */
final class Wire implements Connection {
  private static final long END_SECONDS = 5;

  static {
    Netty.withoutFlightRecorder();
  }

  private final String target;
  private final EndpointDescription endpoint;
  private final Duration timeout;
  private final boolean pss;
  private final Stack stack = new Stack();
  private final EventLoopGroup loop;
  private final HashedWheelTimer timer;
  private final OneChannel channel;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Thread ioThread;

  private Wire(EndpointDescription endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.target = String.valueOf(endpoint.getEndpointUrl());
    this.timeout = timeout;
    this.pss = PssProvider.neededBy(endpoint);
    if (pss) {
      PssProvider.acquire();
    }
    ThreadFactory io = new DefaultThreadFactory("opcua-io", true);
    loop =
        new MultiThreadIoEventLoopGroup(
            1, (ThreadFactory) task -> ioThread = io.newThread(task), NioIoHandler.newFactory());
    timer = new HashedWheelTimer(new DefaultThreadFactory("opcua-timer", true));
    OpcTcpClientTransportConfig settings =
        OpcTcpClientTransportConfig.newBuilder()
            .setExecutor(new OnTheSpot())
            // Used by the state machine of Milo's own transport only.
            .setScheduledExecutor(loop)
            .setEventLoop(loop)
            .setWheelTimer(timer)
            .setConnectTimeout(uint(timeout.toMillis()))
            .setAcknowledgeTimeout(uint(timeout.toMillis()))
            .setChannelLifetime(uint(3_600_000))
            .build();
    channel = new OneChannel(settings, () -> listeners.forEach(Runnable::run));
  }

  /** Connects and secures; throws what a person can act on. Leaves nothing behind then. */
  static Wire open(EndpointDescription endpoint, Identity identity, Duration timeout)
      throws InterruptedException {
    Wire wire = new Wire(endpoint, timeout);
    try {
      Faults.await(
          wire.channel.connect(wire.stack.application(endpoint, identity, timeout)),
          // Milo's own limits say better what was waited for; this one is the last resort.
          timeout.multipliedBy(3).plusSeconds(1),
          "connect to " + wire.target);
      return wire;
    } catch (PluginException e) {
      wire.close();
      throw e.code().equals(ErrorCode.PROTOCOL) ? hint(wire, e) : e;
    } catch (InterruptedException | RuntimeException e) {
      wire.close();
      throw e;
    }
  }

  private static PluginException hint(Wire wire, PluginException e) {
    return new PluginException(
        e.code(),
        e.getMessage() + "; expected an OPC UA server that speaks UA TCP at " + wire.target,
        e);
  }

  EndpointDescription endpoint() {
    return endpoint;
  }

  String target() {
    return target;
  }

  Duration timeout() {
    return timeout;
  }

  EncodingContext encoding() {
    return stack.encoding();
  }

  @Override
  public boolean alive() {
    return !closed.get() && channel.alive();
  }

  /** Has something called, on the I/O thread, when the connection has gone. */
  void onEnd(Runnable listener) {
    listeners.add(listener);
    if (!alive()) {
      listener.run();
    }
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }

  CompletableFuture<UaResponseMessageType> send(UaRequestMessageType request) {
    if (closed.get()) {
      return CompletableFuture.failedFuture(
          new UaException(StatusCodes.Bad_ConnectionClosed, "connection closed"));
    }
    return channel.sendRequestMessage(request);
  }

  /**
   * Says goodbye and frees the threads; a second call does nothing. A source that finds it broken
   * calls it as well: the others see it dead then and find another one.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    channel.disconnect();
    loop.shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS);
    timer.stop();
    boolean interrupted = Thread.interrupted();
    try {
      loop.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
      // It says so a moment before its thread is gone.
      Thread last = ioThread;
      if (last != null) {
        last.join(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (pss) {
      PssProvider.release();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs what Milo hands over at once: all we do there is to complete a future. */
  private static final class OnTheSpot extends AbstractExecutorService {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
