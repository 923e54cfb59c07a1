package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Connection;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.source.Tag;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one source on a thread of its plugin: opens it, as often as needed, brings its rows on the
 * way, writes Bad samples while it is away, and tells it what was accepted.
 */
final class SourceRun<C> implements Runnable {
  /** So far may clocks of devices be ahead, in nanoseconds. */
  private static final long AHEAD = TimeUnit.MINUTES.toNanos(1);

  private static final Duration ACK_PAUSE = Duration.ofMillis(20);
  private static final Duration POLL = Duration.ofMillis(200);

  private final SourceNode<C> node;
  private final int index;
  private final Downstream out;
  private final @Nullable SourceLog log;
  private final Scene scene;
  private final StageState state;
  private final Account account;
  private final List<Tap> taps;
  private final Backoff backoff;
  private final Acceptance acceptance;
  private final SampleWriter writer;
  private final Away away;
  private final TagBook book;
  private long batches;
  private long sequence;
  private boolean ended;
  private long latest = Long.MIN_VALUE;

  SourceRun(SourceNode<C> node, int index, List<Tag> tags, Downstream out, Scene scene) {
    this.node = node;
    this.index = index;
    this.out = out;
    this.log = out instanceof SourceLog journal ? journal : null;
    this.scene = scene;
    this.state = scene.state(node.name());
    this.account = scene.account(node.name());
    this.taps = scene.taps(node.name());
    this.backoff = scene.retry().backoff();
    Optional<Position> resume = log == null ? scene.store().position(node.name()) : log.resume();
    this.acceptance = new Acceptance(scene, node.name(), scene.acks(index), resume, log == null);
    if (log != null) {
      log.at(resume.orElse(null));
    }
    this.writer = new SampleWriter(scene.allocator());
    this.book = scene.tags(node.name());
    for (Tag tag : tags) {
      writer.tag(tag.name());
      book.declare(tag.name());
    }
    this.away = new Away(writer, scene);
  }

  @Override
  public void run() {
    boolean finished = false;
    try {
      while (!finished && !scene.stopping().stopped()) {
        finished = session();
      }
    } catch (InterruptedException e) {
      if (!scene.stopping().stopped() && !scene.aborted().stopped()) {
        failed(e);
      }
    } catch (Throwable e) {
      failed(e);
    } finally {
      try {
        end(null, finished);
      } catch (InterruptedException _) {
        // By force: what is accepted by now is written down all the same.
      } finally {
        writer.close();
        if (log != null) {
          log.close();
        }
        acceptance.store();
        state.done();
      }
    }
  }

  private void failed(Throwable thrown) {
    state.failed(thrown);
    scene.fail(node.name(), thrown);
  }

  /** One life of the source; true when it came to its end. */
  private boolean session() throws Exception {
    Source source = null;
    Connections.Lease shared = scene.connections(node.factory().getClass().getClassLoader());
    try {
      acceptance.begin();
      Context context = new Context(shared);
      source = state.call(what("open"), () -> node.factory().open(node.config(), context));
      boolean finished =
          switch (source) {
            case PolledSource polled -> poll(polled);
            case SubscribedSource subscribed -> subscribe(subscribed);
            case LogSource log -> follow(log);
          };
      end(source, finished);
      return finished;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      if (ended || scene.aborted().stopped()) {
        throw new InterruptedException();
      }
      close(source);
      source = null;
      end(shared);
      lost(e);
      return false;
    } finally {
      close(source);
      end(shared);
    }
  }

  /** Rows of a source that tells: where it stands is how late they are. */
  private void told(Batch batch, @Nullable Position position, long token)
      throws InterruptedException {
    latest = Math.max(latest, Lateness.of(batch, scene.nanos() + AHEAD));
    accept(batch, latest == Long.MIN_VALUE ? position : Lateness.position(latest), token);
  }

  private String what(String call) {
    return node.factory().name() + "." + call;
  }

  private void running() {
    if (backoff.failures() > 0 || state.state() != PipelineStatus.State.RUNNING) {
      backoff.reset();
      away.over();
      state.set(PipelineStatus.State.RUNNING);
    }
  }

  private boolean poll(PolledSource source) throws Exception {
    long every = Math.max(0, source.every().toNanos());
    away.every(every);
    String read = what("read");
    long due = System.nanoTime();
    while (true) {
      long wait = due - System.nanoTime();
      if (wait > 0 ? !scene.stopping().pause(Duration.ofNanos(wait)) : scene.stopping().stopped()) {
        return false;
      }
      writer.receivedAt(scene.nanos());
      state.call(read, () -> source.read(writer));
      running();
      away.seen();
      if (writer.rows() > 0) {
        accept(writer.take(), null, 0);
      }
      acceptance.deliver(source);
      due += every;
      long late = System.nanoTime() - due;
      if (every > 0 && late > 0) {
        long missed = late / every;
        if (missed > 0) {
          state.overran(missed);
          due += missed * every;
        }
      }
    }
  }

  private boolean subscribe(SubscribedSource source) throws Exception {
    state.set(PipelineStatus.State.RUNNING);
    away.over();
    long begun = System.nanoTime();
    Subscription life =
        new Subscription(source, writer, scene, node.threads(), acceptance, this::told);
    try {
      life.run();
    } finally {
      // To be opened is no success yet: a source that loses its far side at once must slow down.
      if (life.emitted() || System.nanoTime() - begun > scene.limits().retryMax().toNanos()) {
        backoff.reset();
        away.seen();
      }
    }
    if (!scene.stopping().stopped()) {
      throw new PluginException(
          ErrorCode.UNREACHABLE, "source " + node.name() + " ended its subscription by itself");
    }
    return false;
  }

  private boolean follow(LogSource source) throws Exception {
    String what = what("poll");
    while (!scene.stopping().stopped()) {
      Poll poll = state.call(what, () -> source.poll(POLL));
      running();
      away.seen();
      switch (poll) {
        case Poll.Rows rows -> accept(rows.batch(), rows.position(), 0);
        case Poll.Idle _ -> {}
        case Poll.Done _ -> {
          return true;
        }
      }
      acceptance.deliver(source);
    }
    return false;
  }

  private synchronized void accept(Batch batch, @Nullable Position position, long token)
      throws InterruptedException {
    int rows = batch.rows();
    if (log != null) {
      log.at(position);
    }
    if (rows == 0) {
      batch.close();
      acceptance.add(++batches, position, token);
      if (log != null && position != null) {
        log.note();
      }
      out.mark(index, batches);
      return;
    }
    Batch stamped = stamp(batch);
    batch.close();
    sequence += rows;
    batches++;
    account.begin(rows);
    account.end(0);
    account.out(rows);
    book.note(stamped);
    for (Tap tap : taps) {
      tap.offer(stamped);
    }
    acceptance.add(batches, position, token);
    out.data(stamped);
    out.mark(index, batches);
    out.settle();
  }

  private Batch stamp(Batch batch) {
    String stream = scene.stream(node.name());
    return log == null
        ? batch.retainAs(stream, scene.epoch(), sequence)
        : batch.retainAs(stream, log.epoch(), log.next());
  }

  /**
   * No more rows: tells those behind, and the source, if it is still there, what was accepted of
   * its last rows.
   */
  private void end(@Nullable Source source, boolean finished) throws InterruptedException {
    if (!ended) {
      ended = true;
      out.end(finished);
    }
    Source told = source;
    while (true) {
      boolean last =
          acceptance.complete() || scene.aborted().stopped() || scene.sinksDone().getCount() == 0;
      try {
        acceptance.deliver(told);
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        told = null; // Its rows are delivered; where it stands is written down without it.
        scene.log().warn("source {} was not told: {}", node.name(), Errors.message(e));
      }
      if (last) {
        break;
      }
      scene.sinksDone().await(ACK_PAUSE.toNanos(), TimeUnit.NANOSECONDS);
    }
    acceptance.store();
  }

  private void lost(Throwable thrown) throws Exception {
    writer.clear();
    if (scene.stopping().stopped()) {
      scene.log().info("source {} at its stop: {}", node.name(), Errors.message(thrown));
      return;
    }
    ErrorCode code = Errors.code(thrown);
    Duration pause = backoff.next();
    if ((!code.retriable() && code.blame() != Blame.BUG) || backoff.exhausted()) {
      String given = backoff.exhausted() ? " (gave up after " + backoff.failures() + " tries)" : "";
      throw new PluginException(code, Errors.message(thrown) + given, thrown);
    }
    if (code.blame() == Blame.BUG) {
      scene.log().error("source {} failed", node.name(), thrown);
    } else {
      scene.log().info("source {}: {}", node.name(), Errors.message(thrown));
    }
    state.retrying(thrown, backoff.failures());
    state.restarted();
    long end = System.nanoTime() + pause.toNanos();
    while (true) {
      writeAway();
      long left = Math.min(end - System.nanoTime(), away.period());
      if (left <= 0 || !scene.stopping().pause(Duration.ofNanos(left))) {
        return;
      }
    }
  }

  private void writeAway() throws InterruptedException {
    try {
      while (!scene.stopping().stopped() && away.write()) {
        accept(writer.take(), null, 0);
        away.done();
      }
    } catch (OutOfMemoryException _) {
      writer.clear(); // These rounds are written when there is room again.
    }
  }

  private void end(Connections.Lease shared) {
    try {
      state.call(what("close"), shared::end);
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      scene.log().warn("closing what source {} shared: {}", node.name(), Errors.message(e));
    }
  }

  private void close(@Nullable Source source) {
    if (source != null) {
      try {
        state.call(what("close"), source::close);
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        scene.log().warn("closing source {}: {}", node.name(), Errors.message(e));
      }
    }
  }

  private final class Context implements SourceContext {
    private final Connections.Lease shared;

    private Context(Connections.Lease shared) {
      this.shared = shared;
    }

    @Override
    public Optional<Instant> latest() {
      return acceptance.resume().flatMap(Lateness::time);
    }

    @Override
    public <T extends Connection> T connection(String key, Callable<T> open) throws Exception {
      return shared.connection(key, open);
    }

    @Override
    public String name() {
      return scene.stream(node.name());
    }

    @Override
    public Optional<Position> position() {
      return acceptance.resume().filter(position -> Lateness.time(position).isEmpty());
    }

    @Override
    public Duration timeout() {
      return scene.limits().timeout();
    }

    @Override
    public BufferAllocator allocator() {
      return scene.allocator();
    }

    @Override
    public InstantSource clock() {
      return scene.clock();
    }

    @Override
    public Logger logger() {
      return LoggerFactory.getLogger(name());
    }

    @Override
    public void reject(String row, String why) {
      if (log == null) {
        scene.rejects().keepText(account, node.name(), row, why);
      } else {
        account.begin(1);
        account.rejected(1);
        log.reject(row, why);
      }
      account.end(0);
    }
  }
}
