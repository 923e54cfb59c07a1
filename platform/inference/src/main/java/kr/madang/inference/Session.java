package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One ONNX Runtime session with a count of its holders: the native memory goes when the last holder
 * has let go, so that no run can meet a closed session (that would end the JVM).
 */
final class Session {
  private final String model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OrtSession.SessionOptions options;
  private final Gate gate;
  private final long patienceNanos;
  private final Watchdog watchdog;
  private final long runLimit;
  private final AtomicInteger holders = new AtomicInteger(1);
  private final CountDownLatch gone = new CountDownLatch(1);
  private final LongAdder runs = new LongAdder();
  private final Curve curve = new Curve();

  /**
   * Takes over a session and its options.
   *
   * @param runLimit nanoseconds that one run may take; 0 is any
   */
  Session(
      String model,
      OrtEnvironment environment,
      OrtSession session,
      OrtSession.SessionOptions options,
      Gate gate,
      long patienceNanos,
      Watchdog watchdog,
      long runLimit) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.options = options;
    this.gate = gate;
    this.patienceNanos = patienceNanos;
    this.watchdog = watchdog;
    this.runLimit = runLimit;
  }

  String model() {
    return model;
  }

  OrtEnvironment environment() {
    return environment;
  }

  OrtSession ort() {
    return session;
  }

  long runs() {
    return runs.sum();
  }

  /** Adds a holder, unless the last one has gone. */
  boolean retain() {
    while (true) {
      int count = holders.get();
      if (count == 0) {
        return false;
      }
      if (holders.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      try {
        session.close();
      } catch (OrtException e) {
        LoggerFactory.getLogger(Session.class).warn("model {} does not close cleanly", model, e);
      } finally {
        options.close();
        gone.countDown();
      }
    }
  }

  boolean awaitGone(long nanos) throws InterruptedException {
    return gone.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** Who lets its runs go on. */
  Gate gate() {
    return gate;
  }

  /** How long runs take. */
  Curve curve() {
    return curve;
  }

  /**
   * Runs on this thread, under a permit. The caller holds the session and closes the result; the
   * tensors stay open until this returns.
   *
   * @param tenant who pays
   * @param use where the run is counted
   */
  OrtSession.Result run(
      Tenant tenant,
      long rows,
      Map<String, OnnxTensor> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> pinned,
      RunControl control,
      @Nullable Use use)
      throws InterruptedException {
    long asked = System.nanoTime();
    long cost = curve.estimate(rows);
    Gate.Line line = tenant.line(gate);
    if (!gate.enter(line, cost, patienceNanos)) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s: none of the inference permits came free within %d ms; fewer or smaller models, or more cores, are needed"
              .formatted(model, TimeUnit.NANOSECONDS.toMillis(patienceNanos)));
    }
    long start = System.nanoTime();
    long took = cost;
    try {
      OrtSession.Result result =
          runLimit == 0
              ? runHeld(inputs, wanted, pinned, control)
              : watched(inputs, wanted, pinned, control);
      took = System.nanoTime() - start;
      curve.saw(rows, took);
      tenant.used(rows, took);
      if (use != null) {
        use.computed(took);
        control.took(start - asked, took);
        use.took(Use.Stage.QUEUE, start - asked);
        use.took(Use.Stage.RUN, took);
      }
      return result;
    } catch (OrtException e) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT, "model %s: %s".formatted(model, OrtErrors.text(e)), e);
    } finally {
      gate.leave(line, took - cost);
    }
  }

  /** Runs on this thread; the caller has a permit, and minds the time. */
  OrtSession.Result runHeld(
      Map<String, OnnxTensor> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> pinned,
      RunControl control) {
    try {
      runs.increment();
      return session.run(inputs, wanted, pinned, control.options());
    } catch (OrtException e) {
      String text = OrtErrors.text(e);
      if (text.contains("allocate memory") || text.contains("bad_alloc")) {
        throw new PluginException(
            ErrorCode.EXHAUSTED,
            "model %s: no memory left for a run: %s".formatted(model, text),
            e);
      }
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "model %s cannot run on this input: %s".formatted(model, text),
          e);
    }
  }

  /** Nanoseconds that one run may take; 0 is any. */
  long runLimit() {
    return runLimit;
  }

  private OrtSession.Result watched(
      Map<String, OnnxTensor> inputs,
      Set<String> wanted,
      Map<String, OnnxTensor> pinned,
      RunControl control)
      throws OrtException {
    long run = control.begin();
    Watchdog.Watched watched = watchdog.watch(runLimit, () -> control.terminate(run));
    OrtSession.Result result = null;
    PluginException failure = null;
    try {
      result = runHeld(inputs, wanted, pinned, control);
    } catch (PluginException e) {
      failure = e;
    }
    boolean stopped = control.end();
    watched.leave();
    if (result != null) {
      return result;
    }
    if (stopped) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s was stopped after the %d ms that one run may take"
              .formatted(model, TimeUnit.NANOSECONDS.toMillis(runLimit)),
          failure);
    }
    throw Objects.requireNonNull(failure);
  }
}
