package kr.madang.inference;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of live calls that a new version of a model runs too, whenever a permit is free that
 * nobody wants. What it answers is compared with what the caller got from the old version, and goes
 * nowhere else. What does not fit into the queue is dropped and counted; nobody pays for it.
 */
public final class Shadow implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);
  private static final int WAITING = 64;
  private static final long MOST_BYTES = 64L << 20;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final long LOOK_NANOS = 500_000;
  private static final long LONGEST_NANOS = 30_000_000_000L;

  private final LoadedModel old;
  private final LoadedModel fresh;
  private final double share;
  private final Comparison comparison;
  private final Calls calls;
  private final Slabs memory = new Slabs(MOST_BYTES);
  private final BlockingQueue<Copy> queue = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Latency usual = new Latency();
  private final Latency took = new Latency();
  private long runs;
  private long failed;
  private String failure = "";
  private volatile boolean closed;

  Shadow(LoadedModel old, LoadedModel fresh, double share, Comparison comparison, Calls calls) {
    this.old = old;
    this.fresh = fresh;
    this.share = share;
    this.comparison = comparison;
    this.calls = calls;
  }

  /**
   * What was done until now; times are nanoseconds.
   *
   * @param runs of the new version, also those that failed
   * @param failed of these
   * @param failure why the first one failed; else empty
   * @param dropped copies that were not run, since no permit was free or too many waited
   * @param oldMedian how long the old version takes for the same rows
   * @param oldTail what 99 of 100 of its runs stay below
   * @param freshMedian how long the new version takes
   * @param freshTail what 99 of 100 of its runs stay below
   */
  public record Figures(
      long runs,
      long failed,
      String failure,
      long dropped,
      long oldMedian,
      long oldTail,
      long freshMedian,
      long freshTail) {}

  /** What was done until now. */
  public synchronized Figures figures() {
    return new Figures(
        runs,
        failed,
        failure,
        dropped.get(),
        usual.below(0.5),
        usual.below(0.99),
        took.below(0.5),
        took.below(0.99));
  }

  /**
   * A call of the old version is about to be run: what hears of its answer, perhaps with a copy.
   */
  public Reply copying(Call call, Reply reply) {
    if (closed || share < 1 && ThreadLocalRandom.current().nextDouble() >= share) {
      return reply;
    }
    return new Reply() {
      @Override
      public void answered(Answer answer) {
        // the inputs stay as they are until the caller is told
        take(call, answer);
        reply.answered(answer);
      }

      @Override
      public void failed(ErrorCode code, String message, Duration after) {
        reply.failed(code, message, after);
      }
    };
  }

  private void take(Call call, Answer answer) {
    long bytes = 0;
    for (Tensor tensor : call.inputs()) {
      bytes += room(tensor);
    }
    for (Tensor tensor : answer.outputs()) {
      bytes += room(tensor);
    }
    // a slab has up to twice the bytes that were asked for
    if (closed
        || queue.remainingCapacity() == 0
        || memory.taken() + 2 * bytes + 4_096 > MOST_BYTES) {
      dropped.incrementAndGet();
      return;
    }
    Copy copy;
    try {
      copy = new Copy(call, answer, memory.take(bytes));
    } catch (PluginException e) {
      dropped.incrementAndGet();
      return;
    }
    if (!queue.offer(copy)) {
      copy.close();
      dropped.incrementAndGet();
    }
    if (closed) {
      drain();
    }
  }

  /** Each tensor begins where it may lie best. */
  private static long room(Tensor tensor) {
    return (tensor.data().remaining() + 63L) / 64 * 64;
  }

  /** A call and what the old version has answered. */
  private static final class Copy implements AutoCloseable {
    final List<Tensor> inputs = new ArrayList<>();
    final List<Tensor> answers = new ArrayList<>();
    final List<String> wanted;
    final long ranNanos;
    final long rowsTogether;
    private final Slabs.Slab slab;
    private int used;

    Copy(Call call, Answer answer, Slabs.Slab slab) {
      this.slab = slab;
      this.wanted = call.outputs();
      this.ranNanos = answer.runNanos();
      this.rowsTogether = answer.rowsTogether();
      call.inputs().forEach(tensor -> inputs.add(laid(tensor)));
      answer.outputs().forEach(tensor -> answers.add(laid(tensor)));
    }

    private Tensor laid(Tensor tensor) {
      ByteBuffer data = tensor.data();
      int bytes = data.remaining();
      slab.buffer().put(used, data, data.position(), bytes);
      Tensor laid =
          new Tensor(tensor.name(), tensor.type(), tensor.shape(), slab.part(used, bytes));
      used += (int) room(tensor);
      return laid;
    }

    @Override
    public void close() {
      slab.close();
    }
  }

  /** Runs copies on this thread until this is closed. */
  public void work() throws InterruptedException {
    while (!closed) {
      Copy copy = queue.poll(100, TimeUnit.MILLISECONDS);
      if (copy != null) {
        try (copy) {
          if (!closed) {
            run(copy);
          }
        }
      }
    }
    drain();
  }

  private void drain() {
    for (Copy copy = queue.poll(); copy != null; copy = queue.poll()) {
      copy.close();
    }
  }

  private void run(Copy copy) throws InterruptedException {
    Checked checked;
    try {
      fresh.hold();
    } catch (PluginException e) {
      dropped.incrementAndGet();
      return;
    }
    try {
      checked = fresh.tensors().check(new Call(copy.inputs, copy.wanted, 0, Call.NEVER, false));
    } catch (PluginException e) {
      fresh.leave();
      ended(e, 0, 0);
      return;
    }
    try {
      guest(copy, checked);
    } finally {
      fresh.leave();
    }
  }

  private void guest(Copy copy, Checked checked) throws InterruptedException {
    Runs runsOf = fresh.tensors();
    RunControl control = runsOf.control();
    long run = control.begin();
    boolean in = false;
    try {
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (!closed && !in && System.nanoTime() - end < 0) {
        in = fresh.gate().enterAsGuest(() -> control.terminate(run));
        if (!in) {
          LockSupport.parkNanos(this, LOOK_NANOS);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      }
      if (in) {
        held(copy, checked, runsOf, control, run);
      } else {
        dropped.incrementAndGet();
      }
    } finally {
      Calls.end(control, runsOf);
    }
  }

  /** Runs on a permit, and gives it back. */
  private void held(Copy copy, Checked checked, Runs runsOf, RunControl control, long run) {
    Runs.@Nullable Raw raw = null;
    PluginException error = null;
    long start = System.nanoTime();
    AtomicBoolean late = new AtomicBoolean();
    Future<?> alarm =
        calls.later(
            () -> {
              late.set(true);
              control.terminate(run);
            },
            LONGEST_NANOS);
    try {
      raw = runsOf.run(List.of(checked), control);
    } catch (PluginException e) {
      error = e;
    } finally {
      alarm.cancel(false);
      fresh.gate().guestLeaves();
    }
    if (raw != null) {
      Runs.Raw known = raw;
      try {
        fresh.curve().saw(checked.rows(), known.nanos());
        comparison.both(copy.answers, ordered(known, checked));
      } catch (RuntimeException e) {
        LOG.error("answers of model {} cannot be compared", fresh.name(), e);
      } finally {
        known.free();
      }
      boolean alone = copy.rowsTogether == checked.rows();
      ended(null, alone ? copy.ranNanos : old.estimate(checked.rows()), known.nanos());
    } else if (control.isStopped() && !late.get()) {
      // somebody wanted the core
      dropped.incrementAndGet();
    } else {
      ended(error, old.estimate(checked.rows()), System.nanoTime() - start);
    }
  }

  private static List<Tensor> ordered(Runs.Raw raw, Checked checked) {
    List<Tensor> tensors = new ArrayList<>();
    for (int wanted : checked.wanted()) {
      Tensor tensor = raw.outputs().get(wanted);
      if (tensor != null) {
        tensors.add(tensor);
      }
    }
    return tensors;
  }

  private synchronized void ended(@Nullable PluginException error, long was, long nanos) {
    runs++;
    if (nanos > 0) {
      usual.add(was);
      took.add(nanos);
    }
    if (error != null) {
      failed++;
      if (failure.isEmpty()) {
        failure = String.valueOf(error.getMessage());
      }
    }
  }

  /** Ends {@link #work} soon, and frees what waits. */
  @Override
  public void close() {
    closed = true;
    drain();
    memory.close();
  }
}
