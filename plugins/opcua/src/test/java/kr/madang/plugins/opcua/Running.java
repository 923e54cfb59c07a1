package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Rows;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** A source that runs on a thread of its own, as the host lets it, and what it has emitted. */
final class Running implements AutoCloseable, SampleEmitter {
  private final SampleWriter writer;
  private final Thread thread;
  private final List<Map<String, @Nullable Object>> rows = new CopyOnWriteArrayList<>();
  private volatile @Nullable Feed feed;
  private volatile @Nullable Throwable failure;
  private volatile boolean stopping;
  private volatile boolean blocked;
  private long token = Long.MIN_VALUE;

  Running(OpcUaConfig config, BufferAllocator allocator) throws Exception {
    this(config, allocator, Optional.empty());
  }

  Running(OpcUaConfig config, BufferAllocator allocator, Optional<Instant> latest)
      throws Exception {
    this(config, allocator, context(allocator, latest));
  }

  Running(OpcUaConfig config, BufferAllocator allocator, SourceContext context) throws Exception {
    writer = new SampleWriter(allocator);
    thread = new Thread(() -> live(config, context), "plugin-opcua");
    thread.start();
    Await.until("the source is open", () -> feed != null || !thread.isAlive());
  }

  private static FakeSourceContext context(BufferAllocator allocator, Optional<Instant> latest) {
    FakeSourceContext context =
        new FakeSourceContext(
            allocator,
            Instant::now,
            Optional.empty(),
            Duration.ofSeconds(2),
            new CopyOnWriteArrayList<>());
    return latest.map(context::awaySince).orElse(context);
  }

  private void live(OpcUaConfig config, SourceContext context) {
    try {
      Feed opened = Feed.open(config, context);
      feed = opened;
      try {
        opened.run(this);
      } finally {
        opened.close();
      }
    } catch (Throwable e) {
      failure = e;
    } finally {
      if (context instanceof FakeSourceContext fake) {
        fake.connections().forEach(it -> ((Wire) it).close());
      }
    }
  }

  Feed feed() {
    return Objects.requireNonNull(feed);
  }

  boolean ended() {
    return !thread.isAlive();
  }

  @Nullable Throwable failure() {
    return failure;
  }

  void block(boolean now) {
    blocked = now;
  }

  /** The rows of a tag so far, also of a source that has ended. */
  long count(String tag) {
    return rows.stream().filter(row -> tag.equals(row.get("tag"))).count();
  }

  List<Map<String, @Nullable Object>> rows() {
    if (failure != null && !stopping) {
      throw new AssertionError("the source ended", failure);
    }
    return rows;
  }

  List<Map<String, @Nullable Object>> rows(String tag) {
    return rows().stream().filter(row -> tag.equals(row.get("tag"))).toList();
  }

  /** The values of a tag, or its statuses where there is none. */
  List<Object> values(String tag) {
    List<Object> values = new ArrayList<>();
    for (Map<String, @Nullable Object> row : rows(tag)) {
      values.add(value(row));
    }
    return values;
  }

  static Object value(Map<String, @Nullable Object> row) {
    for (String column : List.of("value", "long", "text", "bytes")) {
      Object value = row.get(column);
      if (value != null) {
        return value;
      }
    }
    return Faults.name((Integer) Objects.requireNonNull(row.get("status")));
  }

  void awaitValue(String tag, Object value) throws Exception {
    Await.until(
        tag + " becomes " + value + ", got " + values(tag),
        Duration.ofSeconds(30),
        () -> {
          List<Object> got = values(tag);
          return !got.isEmpty() && got.getLast().equals(value);
        });
  }

  @Override
  public synchronized void emit(long next, Consumer<SampleWriter> out) throws InterruptedException {
    while (blocked) {
      wait(5);
    }
    if (next < token) {
      throw new AssertionError("token " + next + " after " + token);
    }
    token = next;
    Instant now = Instant.now();
    writer.receivedAt(now.getEpochSecond() * 1_000_000_000L + now.getNano());
    try {
      out.accept(writer);
    } catch (RuntimeException e) {
      writer.clear();
      throw e;
    }
    try (Batch batch = writer.take()) {
      rows.addAll(Rows.of(batch));
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
  public void close() throws Exception {
    stopping = true;
    blocked = false;
    thread.join(15_000);
    if (thread.isAlive()) {
      thread.interrupt();
      throw new AssertionError("the source does not end");
    }
    writer.close();
  }
}
