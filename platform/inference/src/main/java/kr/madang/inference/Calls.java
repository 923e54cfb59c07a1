package kr.madang.inference;

import ai.onnxruntime.OrtException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs calls from outside: at once on the thread that asks where the model is so small that a
 * change of threads would cost more, else on a thread of its own pool as soon as the gate lets it.
 * What waits for the same model goes along in one run.
 */
final class Calls implements AutoCloseable {
  private static final long MOST_ROWS = 256;

  /** A run for several calls takes no longer than that, so that others come in soon. */
  private static final long MOST_NANOS = 2_000_000;

  /** The same where some of them are another workspace's. */
  private static final long MOST_WITH_OTHERS = 200_000;

  /** So long at most a run holds the thread that brought it; longer ones start anew on another. */
  private static final long MOST_HERE = 100_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  private final Gate gate;
  private final Slabs slabs;
  private final Watchdog watchdog;
  private final InstantSource clock;
  private final ExecutorService pool;
  private final ScheduledThreadPoolExecutor timer;
  private final Map<String, Gate> devices = new ConcurrentHashMap<>();

  /** Starts without threads. */
  Calls(Gate gate, Slabs slabs, Watchdog watchdog, InstantSource clock) {
    this.watchdog = watchdog;
    this.clock = clock;
    this.gate = gate;
    this.slabs = slabs;
    ThreadFactory threads = Thread.ofPlatform().daemon().name("madang-inference-", 0).factory();
    // the gate grants no more than there are permits, so that a task never waits for a thread
    pool = Executors.newCachedThreadPool(threads);
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("madang-inference-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  Gate gate() {
    return gate;
  }

  /** Who lets runs at a place go on. */
  Gate gate(Placement at) {
    if (at.provider() == Placement.Provider.CPU) {
      return gate;
    }
    Gate device = devices.computeIfAbsent(at.place(), _ -> new Gate(at.instances(), true));
    device.widen(at.instances());
    return device;
  }

  /** Waits until nothing runs anywhere, and lets nothing in afterwards; false if that is long. */
  boolean drain(long nanos) throws InterruptedException {
    boolean done = gate.drain(nanos);
    for (Gate device : devices.values()) {
      done &= device.drain(nanos);
    }
    return done;
  }

  Slabs slabs() {
    return slabs;
  }

  /** Does something small later, unless that is cancelled. */
  Future<?> later(Runnable what, long nanos) {
    return timer.schedule(what, nanos, TimeUnit.NANOSECONDS);
  }

  /** Takes a call in. The caller has entered the model; it is left when the reply is told. */
  Ticket submit(LoadedModel model, Tenant tenant, Call call, Hold hold, Reply reply) {
    Checked checked;
    try {
      checked = model.tensors().check(call);
    } catch (PluginException e) {
      model.figures(tenant).failed(0);
      model.use(tenant, Use.By.CALLERS).failed(0);
      model.leave();
      reply.failed(e.code(), String.valueOf(e.getMessage()), Duration.ZERO);
      return () -> {};
    }
    long now = System.nanoTime();
    long wait = tenant.admit(checked.rows(), now);
    if (wait > 0) {
      model.figures(tenant).rejected();
      model.use(tenant, Use.By.CALLERS).rejected();
      model.leave();
      reply.failed(CallError.QUOTA, quota(tenant, checked.rows()), Duration.ofNanos(wait));
      return () -> {};
    }
    Curve curve = model.curve();
    long cost = curve.estimate(checked.rows());
    Job job = new Job(model, tenant, call, checked, cost, pool, this::granted, reply);
    if (call.expired(now)) {
      job.refuse(CallError.DEADLINE);
    } else if (entersHere(job, curve, hold)) {
      held(job, List.of(job), Closing.AT_ONCE);
    } else {
      queue(job, now);
    }
    return job;
  }

  private boolean entersHere(Job job, Curve curve, Hold hold) {
    long rows = job.checked.rows();
    if (hold == Hold.NONE || !curve.below(rows, hold.nanos)) {
      return false;
    }
    if (curve.below(rows, Hold.BRIEF.nanos)) {
      return job.gate.slipIn(job.line, job.cost);
    }
    return job.gate.tryEnter(job.line, job.cost);
  }

  private static String quota(Tenant tenant, long rows) {
    Share share = tenant.share();
    return "workspace '%s' may send %s rows/s, use %s ms of cores a second and have %s calls under way; this call of %d rows is more than that"
        .formatted(
            tenant.name(),
            limit(share.rowsPerSecond()),
            limit(share.computeMillisPerSecond()),
            limit(share.concurrent()),
            rows);
  }

  private static String limit(long number) {
    return number == 0 ? "any number of" : Long.toString(number);
  }

  private void queue(Job job, long now) {
    long backlog = job.gate.backlog();
    long left = job.call.left(now);
    if (backlog > left) {
      job.model.figures(job.tenant).rejected();
      job.use.rejected();
      job.fail(
          CallError.OVERLOADED,
          "model %s: work for %d ms waits before this call, which has %d ms"
              .formatted(job.model.name(), backlog / 1_000_000, left / 1_000_000),
          Duration.ofNanos(backlog));
      return;
    }
    if (left != Call.NEVER) {
      job.alarm(timer.schedule(job::expire, left, TimeUnit.NANOSECONDS));
    }
    if (!job.gate.lineUp(job, job.tenant.share().queue())) {
      job.tenant.refused(now);
      job.model.figures(job.tenant).rejected();
      job.use.rejected();
      job.fail(
          CallError.QUOTA,
          "workspace '%s' has %d calls in the queue already, which is all it may have"
              .formatted(job.tenant.name(), job.tenant.share().queue()),
          Duration.ofNanos(Math.max(1_000_000, backlog)));
      return;
    }
    job.linedUp();
  }

  private void granted(Job first) {
    List<Job> jobs = new ArrayList<>();
    jobs.add(first);
    boolean full = false;
    if (first.call.together() && first.model.tensors().isStackable()) {
      Companions companions = new Companions(first);
      for (Gate.Place place : first.gate.along(companions::fits)) {
        jobs.add((Job) place);
      }
      full = companions.full;
    }
    held(first, jobs, jobs.size() == 1 ? Closing.ALONE : full ? Closing.FULL : Closing.ALL);
  }

  /** Who goes along in a run. Calls of others must not make it much longer. */
  private static final class Companions {
    private final Job first;
    private long rows;
    private boolean full;

    Companions(Job first) {
      this.first = first;
      rows = first.checked.rows();
    }

    boolean fits(Gate.Place place) {
      if (!(place instanceof Job job)
          || job.model != first.model
          || !job.call.together()
          || !job.checked.like(first.checked)) {
        return false;
      }
      if (rows + job.checked.rows() > MOST_ROWS
          || first.model.curve().estimate(rows + job.checked.rows())
              > (job.tenant == first.tenant
                  ? Math.max(MOST_NANOS, 3 * first.cost)
                  : Math.max(MOST_WITH_OTHERS, first.cost + first.cost / 4))) {
        full = true;
        return false;
      }
      rows += job.checked.rows();
      return true;
    }
  }

  /** Runs on the permit of the first, gives it back, and only then tells who waits. */
  private void held(Job first, List<Job> jobs, Closing closing) {
    List<Runnable> told = new ArrayList<>(jobs.size());
    try {
      run(jobs, closing, told);
    } catch (RuntimeException | Error e) {
      LOG.error("a call of model {} ended in an unexpected way", first.model.name(), e);
      for (Job job : jobs) {
        told.add(() ->
            job.fail(
                ErrorCode.BUG, "something went wrong inside; the log tells more", Duration.ZERO));
      }
    } finally {
      first.gate.leave(jobs);
    }
    told.forEach(Runnable::run);
  }

  private void run(List<Job> jobs, Closing closing, List<Runnable> told) {
    List<Job> live = new ArrayList<>(jobs.size());
    long now = System.nanoTime();
    for (Job job : jobs) {
      ErrorCode stopped = job.stopped();
      if (stopped == null && job.call.expired(now)) {
        stopped = CallError.DEADLINE;
      }
      if (stopped == null) {
        live.add(job);
      } else {
        job.beyond = -job.cost;
        told.add(refusal(job, stopped));
      }
    }
    if (!live.isEmpty()) {
      together(live, closing, now, told);
    }
  }

  private static Runnable refusal(Job job, ErrorCode why) {
    return () -> job.refuse(why);
  }

  private void together(List<Job> jobs, Closing closing, long began, List<Runnable> told) {
    LoadedModel model = jobs.getFirst().model;
    Runs runs = model.tensors();
    RunControl control = runs.control();
    Job.Batch batch = new Job.Batch(control, jobs.size());
    List<Checked> calls = new ArrayList<>(jobs.size());
    long rows = 0;
    for (Job job : jobs) {
      calls.add(job.checked);
      rows += job.checked.rows();
      job.runs(batch);
      if (job.stopped() != null) {
        batch.stopped();
      }
    }
    Runs.@Nullable Raw raw = null;
    PluginException failure = null;
    Watchdog.Watched watched = watch(jobs, closing, batch, began);
    try {
      raw = runs.run(calls, control);
    } catch (PluginException e) {
      failure = batch.overdue() ? late(model, e) : e;
    } finally {
      if (watched != null) {
        watched.leave();
      }
      end(control, runs);
    }
    if (raw != null) {
      model.curve().saw(rows, raw.nanos());
      model.figures(jobs.getFirst().tenant).ran(closing, rows, raw.nanos(), clock.millis());
      share(jobs, raw, rows, began, told);
    } else if (batch.hasOutstayed() && jobs.getFirst().stopped() == null) {
      again(jobs.getFirst(), rows, began, told);
    } else if (failure != null) {
      failed(jobs, failure, began, told);
    }
  }

  /** What was short so far was not: it stands in line like the others. */
  private void again(Job job, long rows, long began, List<Runnable> told) {
    long now = System.nanoTime();
    long took = now - began;
    job.model.curve().outstayed(rows, took);
    job.beyond = took - job.cost;
    job.tenant.used(0, took);
    job.use.computed(took);
    job.runs(null);
    told.add(() -> queue(job, now));
  }

  /** What has not stood in line has no timer of its own for its deadline. */
  private Watchdog.@Nullable Watched watch(
      List<Job> jobs, Closing closing, Job.Batch batch, long now) {
    long limit = jobs.getFirst().model.runLimit();
    if (closing == Closing.AT_ONCE) {
      Job job = jobs.getFirst();
      long left = job.call.left(now);
      if (MOST_HERE < left && (limit == 0 || MOST_HERE < limit)) {
        return watchdog.watch(MOST_HERE, batch::outstayed);
      }
      if (left != Call.NEVER && (limit == 0 || left < limit)) {
        return watchdog.watch(left, job::expire);
      }
    }
    return limit == 0 ? null : watchdog.watch(limit, batch::late);
  }

  private static PluginException late(LoadedModel model, PluginException cause) {
    return new PluginException(
        ErrorCode.EXHAUSTED,
        "model %s was stopped after the %d ms that one run may take"
            .formatted(model.name(), TimeUnit.NANOSECONDS.toMillis(model.runLimit())),
        cause);
  }

  /** Ends a run and gives its control back. */
  static void end(RunControl control, Runs runs) {
    try {
      control.end();
      runs.giveBack(control);
    } catch (OrtException e) {
      // its flag would end the next run too
      control.close();
    }
  }

  /** Gives each call its rows of the outputs. */
  private void share(List<Job> jobs, Runs.Raw raw, long rows, long began, List<Runnable> told) {
    Answer.Memory memory = new Answer.Memory(raw.memory(), jobs.size());
    long from = 0;
    for (Job job : jobs) {
      long mine = job.checked.rows();
      long cost = rows == 0 ? raw.nanos() : raw.nanos() * Math.max(1, mine) / Math.max(1, rows);
      job.beyond = cost - job.cost;
      job.tenant.used(mine, cost);
      List<Tensor> outputs = new ArrayList<>(job.checked.wanted().length);
      for (int wanted : job.checked.wanted()) {
        Tensor whole = raw.outputs().get(wanted);
        if (whole != null) {
          outputs.add(jobs.size() == 1 ? whole : Rows.of(whole, from, mine));
        }
      }
      from += mine;
      long queued = Math.max(0, began - job.entered);
      ErrorCode stopped = job.stopped();
      if (stopped == null) {
        job.model.figures(job.tenant).succeeded(mine, queued, System.nanoTime() - job.entered);
        long batched = Math.max(0, raw.start() - began);
        job.use.answered(mine, cost, bytes(job.checked.inputs()), bytes(outputs));
        if (job.tenant.number() >= 0) {
          job.model.drift().of(job.tenant).call(job.checked, outputs);
        }
        job.use.took(Use.Stage.QUEUE, queued);
        job.use.took(Use.Stage.BATCH, batched);
        job.use.took(Use.Stage.RUN, raw.nanos());
        Answer answer = new Answer(outputs, memory, job.use, queued, batched, raw.nanos(), rows);
        told.add(() -> job.answer(answer));
      } else {
        job.use.computed(cost);
        memory.leave();
        told.add(refusal(job, stopped));
      }
    }
  }

  private static long bytes(List<Tensor> tensors) {
    long sum = 0;
    for (int i = 0; i < tensors.size(); i++) {
      sum += tensors.get(i).data().remaining();
    }
    return sum;
  }

  /** One call may spoil a run for all: halves are tried until it stands alone. */
  private void failed(List<Job> jobs, PluginException failure, long began, List<Runnable> told) {
    if (jobs.size() > 1) {
      int half = jobs.size() / 2;
      jobs.forEach(job -> job.runs(null));
      run(jobs.subList(0, half), Closing.BISECTED, told);
      run(jobs.subList(half, jobs.size()), Closing.BISECTED, told);
      return;
    }
    Job job = jobs.getFirst();
    long took = System.nanoTime() - began;
    job.beyond = took - job.cost;
    job.tenant.used(0, took);
    ErrorCode stopped = job.stopped();
    if (stopped != null) {
      told.add(refusal(job, stopped));
    } else {
      job.model.figures(job.tenant).broke();
      job.model.figures(job.tenant).failed(System.nanoTime() - job.entered);
      job.use.failed(took);
      told.add(() -> job.fail(failure));
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
    timer.shutdownNow();
  }
}
