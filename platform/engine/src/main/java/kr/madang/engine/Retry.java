package kr.madang.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Calls a stage again while its error can pass by itself. */
final class Retry {
  /** One call into a stage. */
  interface Call {
    void run() throws Exception;
  }

  private final Graph.Limits limits;
  private final RandomGenerator jitter;
  private final Stopper stopper;

  Retry(Graph.Limits limits, RandomGenerator jitter, Stopper stopper) {
    this.limits = limits;
    this.jitter = jitter;
    this.stopper = stopper;
  }

  Backoff backoff() {
    return new Backoff(limits, jitter);
  }

  /**
   * Runs a call until it succeeds.
   *
   * @param undo what to do before the next try
   * @throws Exception that cannot pass, or passed not within the attempts allowed
   */
  void run(StageState state, Call call, Runnable undo) throws Exception {
    Backoff backoff = null;
    while (true) {
      try {
        call.run();
        if (backoff != null) {
          state.set(PipelineStatus.State.RUNNING);
        }
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        backoff = backoff == null ? backoff() : backoff;
        Duration pause = backoff.next();
        if (!Errors.code(e).retriable() || backoff.exhausted()) {
          throw e;
        }
        undo.run();
        state.retrying(e, backoff.failures());
        if (!stopper.pause(pause)) {
          throw new InterruptedException("stopped while waiting to try again");
        }
      }
    }
  }
}
