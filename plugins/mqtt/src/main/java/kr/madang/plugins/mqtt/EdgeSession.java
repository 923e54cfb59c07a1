package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.jspecify.annotations.Nullable;

/**
 * One connection of an edge node: a death as will, a birth with all metrics before data, another
 * birth when a metric is new or a host asks. While the primary host is away rows wait: writing
 * fails, and the host of this sink tries again.
 */
final class EdgeSession implements Sink {
  private static final int METRICS_AT_ONCE = 500;
  private static final int SEQUENCES = 256;
  private static final int MAX_PACKET = 4 << 20;

  private final EdgeConfig config;
  private final SinkContext context;
  private final Duration timeout;
  private final int bdSeq;
  private final EdgeRows rows;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Transport transport;
  private @Nullable Window window;
  private @Nullable State host;
  private boolean birthWanted;
  private boolean born;
  private long onlineSince;
  private int sequence;

  private EdgeSession(EdgeConfig config, SinkContext context, Duration timeout, int bdSeq) {
    this.config = config;
    this.context = context;
    this.timeout = timeout;
    this.bdSeq = bdSeq;
    rows = new EdgeRows(config.maxMetrics(), context);
  }

  static EdgeSession open(EdgeConfig config, SinkContext context, Duration timeout, int bdSeq)
      throws InterruptedException {
    EdgeSession session = new EdgeSession(config, context, timeout, bdSeq);
    Transport transport =
        Transport.open(
            config.broker(),
            Session.passing(
                config.broker().clientId(context.name()), Optional.of(session.death()), MAX_PACKET),
            timeout,
            session::heard);
    try {
      session.transport = transport;
      session.window = new Window(transport, 1_000, timeout);
      List<Wanted> wanted = new ArrayList<>();
      wanted.add(new Wanted(config.topic(SparkplugTopic.Type.NCMD), 1));
      config.primaryHost().ifPresent(id -> wanted.add(new Wanted(State.topic(id), 1)));
      transport.subscribe(wanted);
      return session;
    } catch (Throwable e) {
      transport.close();
      throw e;
    }
  }

  private long now() {
    return context.clock().instant().toEpochMilli();
  }

  private Metric bdSeqMetric() {
    return Metric.newBuilder()
        .setName("bdSeq")
        .setTimestamp(now())
        .setDatatype(DataType.Int64.getNumber())
        .setLongValue(bdSeq)
        .build();
  }

  private Outgoing death() {
    Payload payload = Payload.newBuilder().setTimestamp(now()).addMetrics(bdSeqMetric()).build();
    return new Outgoing(config.topic(SparkplugTopic.Type.NDEATH), payload.toByteArray(), 1, false);
  }

  /** On the thread of the connection. */
  private void heard(Message message) {
    message.receipt().run();
    lock.lock();
    try {
      if (message.topic().startsWith(SparkplugTopic.NAMESPACE + "/STATE/")) {
        State said = State.of(message.payload());
        State before = host;
        if (said != null && (before == null || said.timestamp() >= before.timestamp())) {
          host = said;
        }
      } else if (message.payload().length < MAX_PACKET) {
        birthWanted |= asksForBirth(message.payload());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static boolean asksForBirth(byte[] payload) {
    try {
      return Metrics.parse(payload).getMetricsList().stream()
          .anyMatch(metric ->
              metric.getName().equals("Node Control/Rebirth") && metric.getBooleanValue());
    } catch (Misfit _) {
      return false;
    }
  }

  @Override
  public void write(Batch batch) throws InterruptedException {
    awaitHost();
    List<EdgeRows.Row> all = rows.read(batch);
    birthIfDue();
    List<Metric> metrics = new ArrayList<>();
    for (EdgeRows.Row row : all) {
      row.apply();
      boolean historical = config.primaryHost().isPresent() && row.millis() < onlineSince;
      metrics.add(row.metric().data(historical));
      if (metrics.size() == METRICS_AT_ONCE) {
        data(metrics);
        metrics.clear();
      }
    }
    if (!metrics.isEmpty()) {
      data(metrics);
    }
    window().drain();
  }

  private void data(List<Metric> metrics) throws InterruptedException {
    Payload payload =
        Payload.newBuilder()
            .setTimestamp(now())
            .setSeq(nextSequence())
            .addAllMetrics(metrics)
            .build();
    SparkplugTopic.Type type =
        config.device().isPresent() ? SparkplugTopic.Type.DDATA : SparkplugTopic.Type.NDATA;
    window().send(new Outgoing(config.topic(type), payload.toByteArray(), config.qos(), false));
  }

  private void birthIfDue() throws InterruptedException {
    boolean asked;
    lock.lock();
    try {
      asked = birthWanted;
      birthWanted = false;
    } finally {
      lock.unlock();
    }
    if (born && !asked && !rows.changed()) {
      return;
    }
    sequence = 0;
    Payload.Builder node =
        Payload.newBuilder()
            .setTimestamp(now())
            .setSeq(nextSequence())
            .addMetrics(bdSeqMetric())
            .addMetrics(
                Metric.newBuilder()
                    .setName("Node Control/Rebirth")
                    .setTimestamp(now())
                    .setDatatype(DataType.Boolean.getNumber())
                    .setBooleanValue(false));
    if (config.device().isEmpty()) {
      rows.metrics().forEach(metric -> node.addMetrics(metric.birth(now())));
    }
    send(SparkplugTopic.Type.NBIRTH, node.build());
    if (config.device().isPresent()) {
      Payload.Builder device = Payload.newBuilder().setTimestamp(now()).setSeq(nextSequence());
      rows.metrics().forEach(metric -> device.addMetrics(metric.birth(now())));
      send(SparkplugTopic.Type.DBIRTH, device.build());
    }
    rows.told();
    born = true;
  }

  private void send(SparkplugTopic.Type type, Payload payload) throws InterruptedException {
    window().send(new Outgoing(config.topic(type), payload.toByteArray(), config.qos(), false));
  }

  private int nextSequence() {
    int next = sequence;
    sequence = (sequence + 1) % SEQUENCES;
    return next;
  }

  /** Waits for the primary host; one that went away ends this connection, as Sparkplug wants it. */
  private void awaitHost() throws InterruptedException {
    if (config.primaryHost().isEmpty()) {
      return;
    }
    long end = System.nanoTime() + timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (host == null || !host.online()) {
        long left = end - System.nanoTime();
        if (born || left <= 0) {
          throw new PluginException(
              ErrorCode.UNREACHABLE,
              "the primary host '"
                  + config.primaryHost().get()
                  + "' is not online; rows wait until its STATE says so");
        }
        changed.await(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)), TimeUnit.NANOSECONDS);
        transport().check();
      }
      if (onlineSince == 0) {
        onlineSince = now();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void idle() throws InterruptedException {
    transport().check();
    if (born) {
      awaitHost();
      birthIfDue();
      window().drain();
    }
  }

  private Transport transport() {
    Transport known = transport;
    if (known == null) {
      throw new IllegalStateException("not open");
    }
    return known;
  }

  private Window window() {
    Window known = window;
    if (known == null) {
      throw new IllegalStateException("not open");
    }
    return known;
  }

  @Override
  public void close() {
    Transport known = transport;
    if (known == null) {
      return;
    }
    if (born && known.alive()) {
      try {
        // A good-bye in order cancels the will, so the death is said here.
        known.publish(death());
      } catch (RuntimeException e) {
        context.logger().info("could not say the death: {}", e.getMessage());
      }
    }
    known.close();
  }
}
