package kr.madang.plugins.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;

/**
 * One connection to a broker with the thread that serves it. Not reconnected: who holds it closes
 * it and opens another. Any thread may call it but the one that serves it.
 */
final class Transport implements AutoCloseable {
  private static final int FLUSH_AFTER = 512;
  private static final long GOODBYE_MILLIS = 2_000;
  private static final long STOP_MILLIS = 3_000;

  private final Broker broker;
  private final Session session;
  private final Duration timeout;
  private final Loop loop;
  private final Client client;
  private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Throwable> lost = new CompletableFuture<>();
  private volatile @Nullable Channel channel;
  private volatile boolean connected;
  private @Nullable Subscription flow;
  private boolean sessionPresent;
  private boolean closed;

  private Transport(Broker broker, Session session, Duration timeout) {
    this.broker = broker;
    this.session = session;
    this.timeout = timeout;
    MqttClientTransportConfig transport = transport(broker, timeout);
    loop = Loop.of("mqtt-" + session.clientId(), this::prepare);
    MqttClientBuilder builder =
        MqttClient.builder()
            .identifier(session.clientId())
            .transportConfig(transport)
            .executorConfig(
                MqttClientExecutorConfig.builder()
                    .nettyExecutor(loop)
                    .nettyThreads(1)
                    .applicationScheduler(Direct.INSTANCE)
                    .build())
            .addDisconnectedListener(context -> lost.complete(context.getCause()));
    lost.thenRun(() -> pending.forEach(future -> future.cancel(true)));
    client =
        broker.version() == Version.MQTT5
            ? new Client5(builder.useMqttVersion5().buildAsync())
            : new Client3(builder.useMqttVersion3().buildAsync());
  }

  private static MqttClientTransportConfig transport(Broker broker, Duration timeout) {
    var transport =
        MqttClientTransportConfig.builder()
            .serverHost(broker.host())
            .serverPort(broker.portNumber())
            .socketConnectTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .mqttConnectTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    broker.tls().ifPresent(tls -> transport.sslConfig(Certificates.of(tls, timeout)));
    return transport.build();
  }

  /**
   * Connects.
   *
   * @param taker is given each message on the thread that serves the connection; while it blocks,
   *     nothing is read
   */
  static Transport open(Broker broker, Session session, Duration timeout, Consumer<Message> taker)
      throws InterruptedException {
    Transport transport = new Transport(broker, session, timeout);
    try {
      transport.connect(taker);
      return transport;
    } catch (Throwable e) {
      transport.close();
      throw e;
    } finally {
      FastThreadLocal.removeAll(); // What Netty left on a thread that is not ours.
    }
  }

  private void connect(Consumer<Message> taker) throws InterruptedException {
    flow = client.listen(taker);
    CompletableFuture<Boolean> connecting = client.connect(broker, session);
    try {
      sessionPresent = Futures.await(connecting, timeout.plusMillis(500));
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      throw Troubles.connecting(broker.target(), timeout, e);
    } finally {
      connecting.cancel(true);
    }
    connected = true;
  }

  /** Runs before the channel connects, so that each byte passes what is added here. */
  private void prepare(Channel made) {
    channel = made;
    made.pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext ctx) {
                ChannelHandlerContext tls = ctx.pipeline().context(SslHandler.class);
                PacketLimit limit = new PacketLimit(session.maxPacket());
                if (tls == null) {
                  ctx.pipeline().addFirst("packet-limit", limit);
                } else {
                  ctx.pipeline().addAfter(tls.name(), "packet-limit", limit);
                }
                ctx.pipeline()
                    .addAfter(
                        "packet-limit",
                        "receive-maximum",
                        new ReceiveMaximum(session.receiveMaximum()));
                ctx.pipeline().addFirst(new FlushConsolidationHandler(FLUSH_AFTER, true));
                ctx.pipeline().addFirst(new Gathering());
                ctx.pipeline().remove(this);
                ctx.pipeline().fireChannelActive();
              }
            });
  }

  /** Whether the connection stands as far as is known. */
  boolean alive() {
    return connected && !lost.isDone();
  }

  /** Whether the broker had kept the session of this client. */
  boolean sessionPresent() {
    return sessionPresent;
  }

  /** The broker as people call it. */
  String target() {
    return broker.target();
  }

  /** Throws why the connection is lost, if it is. */
  void check() {
    Throwable cause = lost.getNow(null);
    if (cause != null) {
      throw Troubles.lost(broker.target(), cause);
    }
  }

  /** Calls a task on the thread that serves the connection when it is lost. */
  void onLost(Runnable task) {
    lost.thenRun(task);
  }

  /**
   * Subscribes and waits.
   *
   * @return the granted QoS of each filter
   */
  List<Integer> subscribe(List<Wanted> filters) throws InterruptedException {
    List<Integer> codes = await(client.subscribe(filters), "the subscription");
    for (int i = 0; i < filters.size(); i++) {
      int code = i < codes.size() ? codes.get(i) : 0x80;
      if (code >= 0x80) {
        throw new PluginException(
            Troubles.REFUSED,
            "%s refused the subscription to '%s' (reason 0x%02X); check the filter and what the broker allows this user"
                .formatted(broker.target(), filters.get(i).filter(), code));
      }
    }
    return codes;
  }

  /** Sends without waiting; see {@link Client#publish}. */
  CompletableFuture<?> publish(Outgoing message) {
    check();
    return client.publish(message);
  }

  /** Sends and waits. */
  void send(Outgoing message) throws InterruptedException {
    await(publish(message), "the message to " + message.topic());
  }

  private <T> T await(CompletableFuture<T> future, String what) throws InterruptedException {
    pending.add(future);
    if (lost.isDone()) {
      future.cancel(true);
    }
    try {
      return Futures.await(future, timeout);
    } catch (InterruptedException e) {
      throw e;
    } catch (TimeoutException e) {
      throw new PluginException(
          ErrorCode.TIMEOUT,
          broker.target() + " did not acknowledge " + what + " within " + Troubles.text(timeout),
          e);
    } catch (Throwable e) {
      check();
      throw Troubles.lost(broker.target(), e);
    } finally {
      pending.remove(future);
      future.cancel(true);
    }
  }

  /** Stops or goes on to read from the broker; acknowledgements pass all the same. */
  void reading(boolean on) {
    Channel open = channel;
    if (open != null) {
      open.config().setAutoRead(on);
    }
  }

  /** Acknowledges messages, in order, without waiting. */
  void acknowledge(List<Message> messages) {
    if (messages.isEmpty()) {
      return;
    }
    try {
      loop.execute(() -> {
        for (Message message : messages) {
          message.receipt().run();
        }
      });
    } catch (RejectedExecutionException _) {
      // Closed: the broker gives them again.
    }
  }

  /** Says good-bye and waits until the thread is gone. Closing twice is fine. */
  @Override
  public void close() {
    close(true);
  }

  /** Closes without a good-bye, so that the broker publishes the will. */
  void abort() {
    close(false);
  }

  private synchronized void close(boolean goodbye) {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = Thread.interrupted();
    try {
      pending.forEach(future -> future.cancel(true));
      if (goodbye && alive()) {
        interrupted |= settle();
        interrupted |= quietly(client.disconnect(), GOODBYE_MILLIS);
      }
      connected = false;
      Channel open = channel;
      if (open != null) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        open.close().addListener(_ -> gone.complete(null));
        interrupted |= quietly(gone, GOODBYE_MILLIS);
      }
      Subscription listening = flow;
      if (listening != null) {
        // Only now: without a listener the library acknowledges what nobody has seen.
        listening.cancel();
      }
    } finally {
      loop.stop(STOP_MILLIS);
      FastThreadLocal.removeAll();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Acknowledgements take two turns of the loop; the good-bye must not overtake them. */
  private boolean settle() {
    CompletableFuture<Void> settled = new CompletableFuture<>();
    try {
      loop.execute(() -> loop.execute(() -> settled.complete(null)));
    } catch (RejectedExecutionException _) {
      return false;
    }
    return quietly(settled, GOODBYE_MILLIS);
  }

  private static boolean quietly(CompletableFuture<?> future, long millis) {
    try {
      future.get(millis, TimeUnit.MILLISECONDS);
      return false;
    } catch (InterruptedException e) {
      return true;
    } catch (Exception e) {
      return false; // It ends all the same.
    }
  }
}
