package kr.madang.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Drives one sink on a thread of its plugin: opens it, as often as needed, writes, and tells the
 * sources what the far side has for good. Batches that it has not for good yet are kept, so that
 * they can be written once more into a sink that was opened again; a sink that makes too many be
 * kept is finished and opened anew.
 */
final class SinkRun<C> implements Runnable {
  private static final long IDLE = Duration.ofSeconds(1).toNanos();

  /**
   * A batch that may have to be written once more.
   *
   * @param before rows taken before it
   * @param rejected its rows that were rejected by now
   */
  private record Kept(Batch batch, long before, long bytes, BitSet rejected) {}

  private final SinkNode<C> node;
  private final Schema schema;
  private final Intake intake;
  private final Scene scene;
  private final StageState state;
  private final Account account;
  private final List<Tap> taps;
  private final Marks marks = new Marks();
  private final Backoff backoff;
  private final long mostKept;

  /** Written into the open sink, which does not have them for good. */
  private final ArrayDeque<Kept> given = new ArrayDeque<>();

  /** To be written. */
  private final ArrayDeque<Kept> ahead = new ArrayDeque<>();

  /** Rejected rows of batches that are done, by the rows taken before the batch. */
  private final TreeMap<Long, Integer> rejectedAt = new TreeMap<>();

  private long rejectedRows;
  private long givenRows;
  private long keptBytes;
  private long taken;
  private long furthest;
  private @Nullable Sink sink;

  SinkRun(SinkNode<C> node, Schema schema, Intake intake, Scene scene) {
    this.node = node;
    this.schema = schema;
    this.intake = intake;
    this.scene = scene;
    this.state = scene.state(node.name());
    this.account = scene.account(node.name());
    this.taps = scene.taps(node.name());
    this.backoff = scene.retry().backoff();
    this.mostKept = scene.limits().memory() / 4 / scene.sinks();
  }

  @Override
  public void run() {
    try {
      open();
      while (!intake.ended()) {
        Intake.Item item = intake.poll(IDLE);
        if (item == null) {
          quiet();
        } else {
          take(item);
        }
      }
      if (!scene.aborted().stopped()) {
        finish();
      }
    } catch (InterruptedException e) {
      // If the pipeline ends by force, or what is not delivered is safe elsewhere.
      if (!intake.mayLeave()) {
        failed(e);
      }
    } catch (Throwable e) {
      failed(e);
    } finally {
      close();
      leave();
      intake.close();
      state.done();
    }
  }

  private void failed(Throwable thrown) {
    state.failed(thrown);
    scene.fail(node.name(), thrown);
  }

  private void take(Intake.Item item) throws Exception {
    Batch batch = item.batch();
    if (batch != null) {
      keep(batch);
    }
    if (item.mark() != Link.NO_MARK) {
      marks.add(item.lane(), item.mark(), taken);
    }
    if (batch != null) {
      write();
      account.end(held());
    }
    settle();
    if (keptBytes > mostKept) {
      renew();
    }
  }

  /** Keeps a batch until the far side has it. */
  private void keep(Batch batch) {
    try (batch) {
      Batch own = intake.stamp(batch, taken);
      Kept kept = new Kept(own, taken, Footprint.of(own), new BitSet(0));
      synchronized (given) {
        ahead.add(kept);
      }
      keptBytes += kept.bytes;
      taken += own.rows();
      account.begin(own.rows());
      for (Tap tap : taps) {
        tap.offer(own);
      }
    }
  }

  /** Writes what is not written yet; after a failure, from the first row that was not safe. */
  private void write() throws Exception {
    for (Kept next = ahead.peek(); next != null; next = ahead.peek()) {
      Batch batch = next.batch;
      Sink open = open();
      try {
        state.call(what("write"), () -> open.write(batch));
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        stopIfTold();
        if (Errors.code(e).retriable()) {
          reopenAfter(e);
        } else {
          refuse(next, e);
        }
        continue;
      }
      synchronized (given) {
        given.add(ahead.remove());
      }
      givenRows += batch.rows();
      account.out(batch.rows());
      if (next.before >= furthest) {
        furthest = next.before + batch.rows();
        if (backoff.failures() > 0) {
          backoff.reset();
          intake.back();
        }
        state.set(PipelineStatus.State.RUNNING);
      }
      settle();
    }
  }

  /** A batch that the far side will never take must not block the stream: it is kept aside. */
  private void refuse(Kept kept, Throwable thrown) {
    BitSet all = new BitSet();
    all.set(0, kept.batch.rows());
    reject(kept.batch, all, Errors.code(thrown), Errors.message(thrown));
    synchronized (given) {
      ahead.remove(kept);
    }
    rejectedAt.put(kept.before, kept.batch.rows());
    free(kept);
    reopen();
  }

  /** From any thread of the plugin. Rows of a batch that is written again are counted once. */
  private void reject(Batch batch, BitSet rows, ErrorCode code, String why) {
    BitSet fresh = rows.get(0, batch.rows());
    synchronized (given) {
      Kept kept = find(ahead, batch);
      kept = kept == null ? find(given, batch) : kept;
      if (kept != null) {
        fresh.andNot(kept.rejected);
        kept.rejected.or(fresh);
      }
    }
    BitSet old = new BitSet();
    fresh.stream().filter(row -> intake.letterKept(batch.sequence() + row)).forEach(old::set);
    if (!old.isEmpty()) {
      account.rejected(old.cardinality());
      fresh.andNot(old);
    }
    if (!fresh.isEmpty()) {
      scene.rejects().keep(account, node.name(), batch, fresh, code, why, backoff.failures() + 1);
    }
  }

  private static @Nullable Kept find(ArrayDeque<Kept> in, Batch batch) {
    for (Kept kept : in) {
      if (kept.batch.sequence() == batch.sequence() && kept.batch.stream().equals(batch.stream())) {
        return kept;
      }
    }
    return null;
  }

  private void reopenAfter(Throwable e) throws Exception {
    Duration pause = backoff.next();
    if (backoff.exhausted()) {
      throw new PluginException(
          Errors.code(e),
          Errors.message(e) + " (gave up after " + backoff.failures() + " tries)",
          e);
    }
    state.retrying(e, backoff.failures());
    reopen();
    if (!intake.patience().pause(pause)) {
      throw new InterruptedException();
    }
  }

  /** What the closed sink did not have for good is to be written again. */
  private void reopen() {
    close();
    state.restarted();
    synchronized (given) {
      for (Iterator<Kept> last = given.descendingIterator(); last.hasNext(); last.remove()) {
        ahead.addFirst(last.next());
      }
    }
    givenRows = 0;
  }

  private Sink open() throws Exception {
    Sink open = sink;
    while (open == null) {
      stopIfTold();
      try {
        open =
            state.call(
                what("open"),
                () -> node.factory().open(node.config(), schema, scene.sink(node, this::reject)));
        if (open == null) {
          throw new PluginException(ErrorCode.BUG, what("open") + " gave null");
        }
        sink = open;
        state.set(PipelineStatus.State.RUNNING);
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        stopIfTold();
        if (!Errors.code(e).retriable()) {
          throw e;
        }
        reopenAfter(e);
      }
    }
    return open;
  }

  private void quiet() throws Exception {
    Sink open = open();
    try {
      state.call(what("idle"), open::idle);
      backoff.reset();
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      stopIfTold();
      if (!Errors.code(e).retriable() && Errors.code(e).blame() != Blame.BUG) {
        throw e;
      }
      reopenAfter(e);
      write();
    }
    account.end(held());
    settle();
  }

  private void finish() throws Exception {
    while (true) {
      write();
      Sink open = open();
      try {
        state.call(what("finish"), open::finish);
        account.end(held());
        settle();
        return;
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        stopIfTold();
        if (!Errors.code(e).retriable()) {
          throw e;
        }
        reopenAfter(e);
      }
    }
  }

  /** Has the sink give everything to the far side, because memory is bounded; then a new life. */
  private void renew() throws Exception {
    finish();
    if (!given.isEmpty()) {
      throw new PluginException(
          ErrorCode.BUG, what("finish") + " left " + held() + " rows held; expected none");
    }
    close();
  }

  private void stopIfTold() throws InterruptedException {
    if (intake.mayLeave()) {
      throw new InterruptedException();
    }
  }

  private long held() {
    Sink open = sink;
    return Math.max(0, open == null ? 0 : open.held());
  }

  /** Frees what the far side has for good, and lets the marks pass that stand before the rest. */
  private void settle() throws InterruptedException {
    long held = held();
    for (Kept first = given.peek();
        first != null && givenRows - first.batch.rows() >= held;
        first = given.peek()) {
      synchronized (given) {
        given.remove();
      }
      givenRows -= first.batch.rows();
      if (!first.rejected.isEmpty()) {
        rejectedAt.put(first.before, first.rejected.cardinality());
      }
      free(first);
    }
    Kept unsafe = given.isEmpty() ? ahead.peek() : given.peek();
    long safe = unsafe == null ? taken : unsafe.before;
    while (!rejectedAt.isEmpty() && rejectedAt.firstKey() < safe) {
      rejectedRows += rejectedAt.pollFirstEntry().getValue();
    }
    intake.settled(safe, rejectedRows);
    marks.advance(safe, intake::passed);
  }

  private void free(Kept kept) {
    keptBytes -= kept.bytes;
    kept.batch.close();
  }

  /** What is not delivered is lost, or stays in the journal. */
  private void leave() {
    for (ArrayDeque<Kept> kept : List.of(given, ahead)) {
      for (Kept each : kept) {
        if (intake.keepsRest()) {
          account.giveBack(each.batch.rows(), each.rejected.cardinality());
        }
        free(each);
      }
    }
    account.abandon(scene.aborted().stopped() ? "stopped" : "failed");
  }

  private String what(String call) {
    return node.factory().name() + "." + call;
  }

  private void close() {
    Sink open = sink;
    sink = null;
    if (open != null) {
      try {
        state.call(what("close"), open::close);
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        scene.log().warn("closing sink {}: {}", node.name(), Errors.message(e));
      }
    }
  }
}
