package kr.madang.inference;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** A call that waits for its permit or has it. It is replied to once, whatever happens. */
final class Job extends Gate.Place implements Ticket {
  final LoadedModel model;
  final Use use;
  final Tenant tenant;
  final Call call;
  final Checked checked;
  final long entered;
  final Gate gate;
  private final Executor pool;
  private final Consumer<Job> runner;
  private final Reply reply;
  private @Nullable Future<?> alarm;
  private @Nullable Batch batch;
  private @Nullable ErrorCode stopped;
  private boolean replied;

  Job(
      LoadedModel model,
      Tenant tenant,
      Call call,
      Checked checked,
      long cost,
      Executor pool,
      Consumer<Job> runner,
      Reply reply) {
    super(tenant.line(model.gate()), call.priority(), cost);
    this.model = model;
    this.use = model.use(tenant, Use.By.CALLERS);
    this.tenant = tenant;
    this.call = call;
    this.checked = checked;
    this.entered = System.nanoTime();
    this.gate = model.gate();
    this.pool = pool;
    this.runner = runner;
    this.reply = reply;
  }

  @Override
  void granted() {
    pool.execute(() -> runner.accept(this));
  }

  @Override
  public void cancel() {
    stop(CallError.CANCELLED);
  }

  /** The deadline has passed. */
  void expire() {
    stop(CallError.DEADLINE);
  }

  synchronized void alarm(Future<?> newAlarm) {
    if (replied) {
      newAlarm.cancel(false);
    } else {
      alarm = newAlarm;
    }
  }

  private void stop(ErrorCode why) {
    Batch running;
    synchronized (this) {
      if (replied || stopped != null) {
        return;
      }
      stopped = why;
      running = batch;
    }
    if (running != null) {
      running.stopped();
    } else if (gate.remove(this)) {
      refuse(why);
    }
  }

  /** It stands in line: what has stopped it on the way there could not take it out. */
  void linedUp() {
    ErrorCode why = stopped();
    if (why != null && gate.remove(this)) {
      refuse(why);
    }
  }

  /** Why it need not be run (any further); null if it does. */
  synchronized @Nullable ErrorCode stopped() {
    return stopped;
  }

  /** It is part of a run from now on. */
  synchronized void runs(@Nullable Batch in) {
    batch = in;
  }

  void refuse(ErrorCode why) {
    String waited =
        "%s; it was in for %d ms"
            .formatted(
                why.equals(CallError.DEADLINE)
                    ? "the deadline of the call has passed"
                    : "nobody waits for the answer any more",
                (System.nanoTime() - entered) / 1_000_000);
    model.figures(tenant).rejected();
    use.rejected();
    fail(why, "model " + model.name() + ": " + waited, Duration.ZERO);
  }

  void answer(Answer answer) {
    if (!first()) {
      throw new IllegalStateException("replied to twice");
    }
    answer.told();
    reply.answered(answer);
  }

  void fail(ErrorCode code, String message, Duration after) {
    if (first()) {
      reply.failed(code, message, after);
    }
  }

  void fail(PluginException error) {
    fail(error.code(), String.valueOf(error.getMessage()), Duration.ZERO);
  }

  private boolean first() {
    Future<?> set;
    synchronized (this) {
      if (replied) {
        return false;
      }
      replied = true;
      set = alarm;
    }
    if (set != null) {
      set.cancel(false);
    }
    tenant.ended();
    model.leave();
    return true;
  }

  /** The calls of one run. */
  static final class Batch {
    private final RunControl control;
    private final long run;
    private int waited;
    private boolean overdue;
    private boolean outstayed;

    /** Starts with so many calls that somebody waits for. */
    Batch(RunControl control, int calls) {
      this.control = control;
      this.waited = calls;
      this.run = control.begin();
    }

    /** One of them is not waited for any more; with the last one the run ends. */
    synchronized void stopped() {
      if (--waited == 0) {
        control.terminate(run);
      }
    }

    /** It has taken longer than any run may. */
    synchronized void late() {
      overdue = true;
      control.terminate(run);
    }

    /** It holds a thread for too long that others wait for. */
    synchronized void outstayed() {
      outstayed = true;
      control.terminate(run);
    }

    synchronized boolean hasOutstayed() {
      return outstayed;
    }

    synchronized boolean overdue() {
      return overdue;
    }
  }
}
