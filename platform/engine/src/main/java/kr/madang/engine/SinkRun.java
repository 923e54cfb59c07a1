package kr.madang.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Drives one sink on a thread of its plugin: opens it, as often as needed, writes, and tells the
 * sources what the far side has for good. Batches that it has not for good yet are kept, so that
 * they can be written once more into a sink that was opened again.
 */
final class SinkRun<C> implements Runnable {
  private static final long IDLE = Duration.ofSeconds(1).toNanos();

  private final SinkNode<C> node;
  private final Schema schema;
  private final int index;
  private final Inbox inbox;
  private final Scene scene;
  private final StageState state;
  private final Account account;
  private final List<Tap> taps;
  private final Marks marks = new Marks();
  private final ArrayDeque<Batch> unsettled = new ArrayDeque<>();
  private final Backoff backoff;
  private long unsettledBytes;
  private long taken;
  private long written;
  private @Nullable Sink sink;

  SinkRun(SinkNode<C> node, Schema schema, int index, Inbox inbox, Scene scene) {
    this.node = node;
    this.schema = schema;
    this.index = index;
    this.inbox = inbox;
    this.scene = scene;
    this.state = scene.state(node.name());
    this.account = scene.account(node.name());
    this.taps = scene.taps(node.name());
    this.backoff = scene.retry().backoff();
  }

  @Override
  public void run() {
    try {
      open();
      while (!inbox.ended()) {
        Inbox.Item item = inbox.poll(IDLE);
        if (item == null) {
          quiet();
        } else {
          take(item);
        }
      }
      if (!scene.aborted().stopped()) {
        finish();
      }
      state.set(PipelineStatus.State.DONE);
    } catch (InterruptedException _) {
      // The pipeline ends by force; what is queued is counted by the inbox.
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      state.failed(e);
      scene.fail(node.name(), e);
    } finally {
      inbox.abort();
      close();
      unsettled.forEach(Batch::close);
      account.abandon("stopped");
    }
  }

  private void take(Inbox.Item item) throws Exception {
    Batch batch = item.batch();
    if (batch != null) {
      try (batch) {
        Batch own = batch.retainAs(scene.stream(node.name()), scene.epoch(), taken);
        taken += own.rows();
        account.begin(own.rows());
        for (Tap tap : taps) {
          tap.offer(own);
        }
        keep(own);
        writeUnsettled();
        account.end(held());
      }
    }
    if (item.mark() != Link.NO_MARK) {
      marks.add(item.source(), item.mark(), taken);
    }
    settle();
  }

  /** Writes what is not written yet; after a failure, from the first row that was not safe. */
  private void writeUnsettled() throws Exception {
    while (written < taken) {
      Batch next = firstUnwritten();
      try {
        Sink open = sink;
        if (open == null) {
          open();
          continue;
        }
        call("write", () -> open.write(next));
        written = next.sequence() + next.rows();
        backoff.reset();
        state.set(PipelineStatus.State.RUNNING);
        account.out(next.rows());
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        if (e instanceof InterruptedException && scene.aborted().stopped()) {
          throw e;
        }
        if (Errors.code(e).retriable()) {
          reopenAfter(e);
        } else {
          BitSet all = new BitSet();
          all.set(0, next.rows());
          scene.rejects().keep(account, node.name(), next, all, Errors.code(e), Errors.message(e));
          written = next.sequence() + next.rows();
          reopen();
        }
      }
    }
  }

  private Batch firstUnwritten() {
    for (Batch batch : unsettled) {
      if (batch.sequence() + batch.rows() > written) {
        return batch;
      }
    }
    throw new IllegalStateException("rows " + written + " to " + taken + " are not kept");
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
    if (!scene.aborted().pause(pause)) {
      throw new InterruptedException();
    }
  }

  private void reopen() {
    close();
    state.restarted();
    // What the closed sink did not have for good is written again, as far as it is still kept.
    Batch first = unsettled.peek();
    if (first != null) {
      written = Math.min(written, first.sequence());
    }
  }

  private void open() throws Exception {
    while (sink == null) {
      try {
        call(
            "open",
            () -> sink = node.factory().open(node.config(), schema, scene.sink(node, account)));
        state.set(PipelineStatus.State.RUNNING);
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        if (e instanceof InterruptedException && scene.aborted().stopped()) {
          throw e;
        }
        if (!Errors.code(e).retriable()) {
          throw e;
        }
        reopenAfter(e);
      }
    }
  }

  private void quiet() throws Exception {
    Sink open = sink;
    if (open == null) {
      return;
    }
    try {
      call("idle", open::idle);
      account.end(held());
      settle();
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      if (e instanceof InterruptedException && scene.aborted().stopped()) {
        throw e;
      }
      reopenAfter(e);
      writeUnsettled();
      account.end(held());
    }
  }

  private void finish() throws Exception {
    while (true) {
      Sink open = sink;
      if (open == null) {
        open();
        writeUnsettled();
        continue;
      }
      try {
        call("finish", open::finish);
        account.end(held());
        settle();
        return;
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        if (e instanceof InterruptedException && scene.aborted().stopped()) {
          throw e;
        }
        reopenAfter(e);
      }
    }
  }

  private long held() {
    Sink open = sink;
    return Math.max(0, open == null ? 0 : open.held());
  }

  /** Keeps a batch until the far side has it, within a quarter of the pipeline's memory. */
  private void keep(Batch batch) {
    unsettled.add(batch);
    unsettledBytes += bytes(batch);
    long most = scene.limits().memory() / 4;
    while (unsettledBytes > most && unsettled.size() > 1) {
      Batch first = unsettled.remove();
      unsettledBytes -= bytes(first);
      first.close();
    }
  }

  private void settle() throws InterruptedException {
    long settled = written - held();
    for (Batch first = unsettled.peek();
        first != null && first.sequence() + first.rows() <= settled;
        first = unsettled.peek()) {
      unsettled.remove();
      unsettledBytes -= bytes(first);
      first.close();
    }
    marks.advance(settled, (source, number) -> scene.acks(source).accept(index, number));
  }

  private static long bytes(Batch batch) {
    long bytes = 0;
    for (var vector : batch.root().getFieldVectors()) {
      bytes += vector.getBufferSize();
    }
    return bytes;
  }

  private void call(String what, Retry.Call call) throws Exception {
    state.enter(node.factory().name() + "." + what);
    try {
      call.run();
    } catch (InterruptedException e) {
      if (state.wasInterrupted() && !scene.aborted().stopped()) {
        throw new PluginException(
            ErrorCode.TIMEOUT, what + " took too long and was interrupted", e);
      }
      throw e;
    } finally {
      state.leave();
    }
  }

  private void close() {
    Sink open = sink;
    sink = null;
    if (open != null) {
      try {
        open.close();
      } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
        scene.log().warn("closing sink {}: {}", node.name(), Errors.message(e));
      }
    }
  }
}
