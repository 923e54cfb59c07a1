package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.testkit.FakeSourceContext;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Does what the host does with a source: opens it again when it fails, with Bad rows meanwhile. */
final class Hosted implements AutoCloseable, SampleEmitter {
  /** One row of the only tag. */
  record Row(int status, @Nullable Double value, @Nullable Long time) {}

  private final OpcUaConfig config;
  private final SampleWriter writer;
  private final FakeSourceContext context;
  private final Thread thread;
  private final List<Row> rows = Collections.synchronizedList(new java.util.ArrayList<>());
  private volatile String failure = "no failure yet";
  private volatile boolean stopping;
  private volatile double greatest = -1;
  private volatile long good;

  Hosted(OpcUaConfig config, BufferAllocator allocator) {
    this.config = config;
    writer = new SampleWriter(allocator);
    context =
        new FakeSourceContext(
            allocator,
            Instant::now,
            Optional.empty(),
            Duration.ofSeconds(1),
            new CopyOnWriteArrayList<>());
    thread = new Thread(this::live, "host");
    thread.start();
  }

  private void live() {
    while (!stopping) {
      try (Feed feed = Feed.open(config, context)) {
        feed.run(this);
      } catch (Exception e) {
        giveBack();
        failure = String.valueOf(e);
        rows.add(new Row(Quality.BAD_NO_COMMUNICATION, null, null));
        LockSupport.parkNanos(200_000_000);
      }
    }
  }

  private void giveBack() {
    context.connections().forEach(it -> ((Wire) it).close());
    context.connections().clear();
  }

  long good() {
    return good;
  }

  String lastFailure() {
    return failure;
  }

  boolean reached(double value) {
    return greatest >= value;
  }

  double newest(Map<Double, Long> truth) {
    return Collections.max(truth.keySet());
  }

  List<Row> seen() {
    synchronized (rows) {
      return List.copyOf(rows);
    }
  }

  @Override
  public void emit(long token, Consumer<SampleWriter> out) {
    try {
      out.accept(writer);
    } catch (RuntimeException e) {
      writer.clear();
      throw e;
    }
    try (Batch batch = writer.take()) {
      Samples samples = Samples.of(batch);
      for (int i = 0; i < samples.rows(); i++) {
        boolean has = samples.hasValue(i);
        rows.add(
            new Row(
                samples.status(i),
                has ? samples.value(i) : null,
                samples.hasSourceTime(i) ? samples.time(i) : null));
        if (has && Quality.isGood(samples.status(i))) {
          good++;
          greatest = Math.max(greatest, samples.value(i));
        }
      }
    }
  }

  @Override
  public boolean stopping() {
    return stopping;
  }

  @Override
  public void awaitStop() {
    throw new UnsupportedOperationException("not used");
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    thread.join();
    giveBack();
    writer.close();
  }
}
