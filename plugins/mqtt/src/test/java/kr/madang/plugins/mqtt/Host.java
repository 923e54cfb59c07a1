package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.Rows;
import org.jspecify.annotations.Nullable;

/** Drives one life of a source as the host does. */
final class Host implements SampleEmitter, AutoCloseable {
  private final SubscribedSource source;
  private final SampleWriter writer;
  private final Thread runner;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
  private volatile boolean accepting;
  private volatile long token = -1;
  private volatile @Nullable Throwable failure;
  private long told = -1;

  private Host(SubscribedSource source, SampleWriter writer, boolean accepting) {
    this.source = source;
    this.writer = writer;
    this.accepting = accepting;
    this.runner = new Thread(this::run, "test-host");
  }

  /** Opens and runs a source, accepting all that comes at once. */
  static <C> Host of(SourceFactory<C> factory, C config, SourceContext context) throws Exception {
    return of(factory, config, context, true);
  }

  static <C> Host of(SourceFactory<C> factory, C config, SourceContext context, boolean accepting)
      throws Exception {
    SubscribedSource source = (SubscribedSource) factory.open(config, context);
    Host host = new Host(source, new SampleWriter(context.allocator()), accepting);
    host.runner.start();
    return host;
  }

  private void run() {
    try {
      source.run(this);
    } catch (Throwable e) {
      failure = e;
    }
  }

  @Override
  public void emit(long next, Consumer<SampleWriter> write) throws InterruptedException {
    synchronized (this) {
      if (next < token) {
        throw new IllegalArgumentException("token " + next + " after " + token);
      }
      write.accept(writer);
      if (writer.rows() > 0) {
        try (Batch batch = writer.take()) {
          rows.addAll(Rows.of(batch));
        }
      }
      token = next;
    }
    if (accepting) {
      accept();
    }
  }

  /** Says that all emitted so far is accepted. */
  void accept() {
    long upTo = token;
    synchronized (source) {
      if (upTo > told) {
        told = upTo;
        try {
          source.accepted(upTo);
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  void accepting(boolean on) {
    accepting = on;
  }

  @Override
  public boolean stopping() {
    return stop.getCount() == 0;
  }

  @Override
  public void awaitStop() throws InterruptedException {
    stop.await();
  }

  /** What ended the source, if something did. */
  @Nullable Throwable failure() {
    return failure;
  }

  boolean running() {
    return runner.isAlive();
  }

  synchronized List<Map<String, @Nullable Object>> rows() {
    return List.copyOf(rows);
  }

  synchronized int count() {
    return rows.size();
  }

  synchronized void forget() {
    rows.clear();
  }

  /** Each row as {@code tag=value Status}, in order, without those of {@link #awaitReady}. */
  List<String> shown() {
    return rows().stream()
        .map(Host::shown)
        .filter(row -> !row.substring(0, row.indexOf('=')).endsWith("ready"))
        .toList();
  }

  /** Publishes to a topic that ends with {@code ready} until it comes here. */
  void awaitReady(Publisher publisher, String topic) throws Exception {
    Await.until(
        "the subscription stands",
        () -> {
          if (failure != null) {
            throw new AssertionError("the source ended", failure);
          }
          publisher.say(topic, "1");
          return count() > 0;
        });
  }

  static String shown(Map<String, @Nullable Object> row) {
    Object value = row.get("value");
    for (String column : List.of("long", "text", "bytes")) {
      if (value == null) {
        value = row.get(column);
      }
    }
    if (value instanceof byte[] bytes) {
      value = java.util.HexFormat.of().formatHex(bytes);
    }
    Object status = row.get("status");
    return row.get("tag")
        + "="
        + value
        + " "
        + Quality.name(status instanceof Integer code ? code : 0);
  }

  void awaitRows(int count) throws Exception {
    Await.until(
        count + " rows",
        () -> {
          if (failure != null && count() < count) {
            throw new AssertionError("the source ended", failure);
          }
          return count() >= count;
        });
  }

  /** Stops as the host does: run returns, what is accepted is told, then close. */
  @Override
  public void close() throws Exception {
    stop.countDown();
    runner.join(TimeUnit.SECONDS.toMillis(10));
    if (runner.isAlive()) {
      runner.interrupt();
      runner.join();
    }
    if (accepting) {
      accept();
    }
    source.close();
    writer.close();
  }
}
