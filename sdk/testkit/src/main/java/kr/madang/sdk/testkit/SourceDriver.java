package kr.madang.sdk.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.source.Connection;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.SubscribedSource;
import org.jspecify.annotations.Nullable;

/**
 * Drives one life of a source of any kind as the host does: opened, driven and closed on a thread
 * of the plugin, told from a second one what was accepted. Keeps all samples that come.
 *
 * @param <C> the config
 */
public final class SourceDriver<C> implements AutoCloseable {
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  /**
   * A sample that came.
   *
   * @param begun when the call that brought it began, as {@link System#nanoTime} says
   * @param position where to resume behind its batch, only of a {@link LogSource}
   */
  public record Arrival(Sample sample, long begun, @Nullable Position position) {}

  private final SourceFactory<C> factory;
  private final C config;
  private final FakeSourceContext context;
  private final PluginThreads threads;
  private final boolean accepting;
  private final Duration pollFor;
  private final SampleWriter writer;
  private final List<Arrival> arrivals = new ArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch driven = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Source source;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Throwable closing;
  private volatile boolean done;
  private volatile long begun = Long.MIN_VALUE;
  private long token = Long.MIN_VALUE;

  private SourceDriver(
      SourceFactory<C> factory,
      C config,
      FakeSourceContext context,
      PluginThreads threads,
      boolean accepting,
      Duration pollFor) {
    this.factory = factory;
    this.config = config;
    this.context = context;
    this.threads = threads;
    this.accepting = accepting;
    this.pollFor = pollFor;
    writer = new SampleWriter(context.allocator());
    thread = threads.start("driver", this::live);
  }

  /** Begins a life in which all rows are accepted at once. */
  public static <C> SourceDriver<C> start(
      SourceFactory<C> factory, C config, FakeSourceContext context, PluginThreads threads) {
    return start(factory, config, context, threads, true, Duration.ofMillis(50));
  }

  /**
   * Begins a life.
   *
   * @param accepting whether the source is told that its rows were accepted
   * @param pollFor how long a {@link LogSource} may take for one poll
   */
  public static <C> SourceDriver<C> start(
      SourceFactory<C> factory,
      C config,
      FakeSourceContext context,
      PluginThreads threads,
      boolean accepting,
      Duration pollFor) {
    return new SourceDriver<>(factory, config, context, threads, accepting, pollFor);
  }

  private void live() {
    try {
      Source opened = factory.open(config, context);
      source = opened;
      switch (opened) {
        case PolledSource polled -> ask(polled);
        case SubscribedSource subscribed -> listen(subscribed);
        case LogSource log -> follow(log);
      }
    } catch (Throwable e) {
      failure = e;
    }
    driven.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      // Closed all the same.
    }
    closeAll();
  }

  private void closeAll() {
    try {
      Source opened = source;
      if (opened != null) {
        opened.close();
      }
    } catch (Throwable e) {
      closing = e;
    }
    for (Connection connection : context.connections()) {
      try {
        connection.close();
      } catch (Throwable e) {
        closing = e;
      }
    }
    context.connections().clear();
    writer.close();
  }

  private void ask(PolledSource polled) throws Exception {
    long pause = Math.min(LONGEST_PAUSE, polled.every().toNanos());
    while (stop.getCount() > 0) {
      long begun = System.nanoTime();
      writer.receivedAt(now());
      this.begun = begun;
      polled.read(writer);
      take(begun);
      stop.await(pause, TimeUnit.NANOSECONDS);
    }
  }

  private void follow(LogSource log) throws Exception {
    while (stop.getCount() > 0) {
      long begun = System.nanoTime();
      this.begun = begun;
      switch (log.poll(pollFor)) {
        case Poll.Rows rows -> {
          try (Batch batch = rows.batch()) {
            keep(batch, begun, rows.position());
          }
          if (accepting) {
            log.acknowledge(rows.position());
          }
        }
        case Poll.Idle _ -> {}
        case Poll.Done _ -> {
          done = true;
          return;
        }
      }
    }
  }

  private void listen(SubscribedSource subscribed) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Thread teller = threads.start("accepted", () -> tell(subscribed, over));
    try {
      begun = System.nanoTime();
      subscribed.run(new Emitter());
    } finally {
      over.countDown();
      boolean interrupted = Thread.interrupted();
      threads.join(teller);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void tell(SubscribedSource subscribed, CountDownLatch over) {
    long told = Long.MIN_VALUE;
    try {
      boolean last = false;
      while (!last) {
        last = over.await(2, TimeUnit.MILLISECONDS);
        long upTo = token();
        if (accepting && upTo > told) {
          told = upTo;
          subscribed.accepted(upTo);
        }
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private synchronized long token() {
    return token;
  }

  private void take(long begun) {
    if (writer.rows() > 0) {
      try (Batch batch = writer.take()) {
        keep(batch, begun, null);
      }
    }
  }

  private synchronized void keep(Batch batch, long begun, @Nullable Position position) {
    if (!Samples.matches(batch.schema())) {
      throw new AssertionError("expected samples; give a config that delivers them");
    }
    for (Sample sample : Sample.of(batch)) {
      arrivals.add(new Arrival(sample, begun, position));
    }
  }

  private long now() {
    Instant now = context.clock().instant();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private final class Emitter implements SampleEmitter {
    @Override
    public void emit(long next, Consumer<SampleWriter> rows) {
      long begun = System.nanoTime();
      synchronized (SourceDriver.this) {
        if (next < token) {
          throw new AssertionError("token " + next + " after " + token + ": tokens must not fall");
        }
        writer.receivedAt(now());
        rows.accept(writer);
        take(begun);
        token = next;
      }
    }

    @Override
    public boolean stopping() {
      return stop.getCount() == 0;
    }

    @Override
    public void awaitStop() throws InterruptedException {
      stop.await();
    }
  }

  /** The samples so far, in order. */
  public synchronized List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /** The samples so far, in order. */
  public List<Sample> samples() {
    return arrivals().stream().map(Arrival::sample).toList();
  }

  /** Whether such a sample has come. */
  public boolean has(Predicate<Sample> wanted) {
    return samples().stream().anyMatch(wanted);
  }

  /** Waits for a sample; fails if the life ends before, or after the patience. */
  public Sample await(String what, Predicate<Sample> wanted) throws Exception {
    long end = System.nanoTime() + threads.patience().toNanos();
    while (true) {
      boolean over = driven.getCount() == 0;
      for (Sample sample : samples()) {
        if (wanted.test(sample)) {
          return sample;
        }
      }
      if (over) {
        throw new AssertionError(what + ": expected, but the source ended", failure);
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            what + ": not within " + threads.patience() + ", got " + samples());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Whether the source was opened; it stays so when it is closed. */
  public boolean opened() {
    return source != null;
  }

  /** The source, once it was opened. */
  public Source source() {
    Source opened = source;
    if (opened == null) {
      throw new IllegalStateException("not opened", failure);
    }
    return opened;
  }

  /** When the last driving call began, as {@link System#nanoTime} says. */
  public long begun() {
    return begun;
  }

  /** Whether opening or driving has ended. */
  public boolean over() {
    return driven.getCount() == 0;
  }

  /** Whether a {@link LogSource} said that it came to its end. */
  public boolean done() {
    return done;
  }

  /** What ended the source, if something did. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Tells the source to stop, as a pipeline does that ends. */
  public void stop() {
    stop.countDown();
  }

  /** Interrupts the call under way. */
  public void interrupt() {
    thread.interrupt();
  }

  /** Waits until driving has ended by itself; fails after the patience. */
  public void awaitOver(String when) throws InterruptedException {
    if (!driven.await(threads.patience().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError(
          when
              + ": the source did not end within "
              + threads.patience()
              + "; it is "
              + PluginThreads.where(thread));
    }
  }

  /** Stops, closes the source on its thread, and waits. */
  @Override
  public void close() throws Exception {
    stop.countDown();
    release.countDown();
    if (!threads.join(thread)) {
      throw new AssertionError("stopping and closing took longer than " + threads.patience());
    }
    switch (closing) {
      case Exception thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case null, default -> {}
    }
  }
}
