package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import kr.madang.engine.PipelineStatus.StageStatus;
import kr.madang.engine.PipelineStatus.State;
import org.jspecify.annotations.Nullable;

/** What is known of one stage. Written by its thread, read by any. */
final class StageState {
  private final String name;
  private final String kind;
  private final InstantSource clock;
  private State state = State.OPENING;
  private String reason = "";
  private String code = "";
  private Instant since;
  private int attempts;
  private long restarts;
  private long overruns;
  private String call = "";
  private long callStarted;
  private @Nullable Thread caller;
  private boolean interrupted;

  StageState(String name, String kind, InstantSource clock) {
    this.name = name;
    this.kind = kind;
    this.clock = clock;
    this.since = clock.instant();
  }

  String name() {
    return name;
  }

  synchronized void set(State next) {
    set(next, "", "");
    attempts = 0;
  }

  synchronized void failed(Throwable thrown) {
    set(State.FAILED, Errors.message(thrown), Errors.code(thrown).name());
  }

  synchronized void retrying(Throwable thrown, int failures) {
    attempts = failures;
    set(State.RETRYING, Errors.message(thrown), Errors.code(thrown).name());
  }

  synchronized void restarted() {
    restarts++;
  }

  synchronized void overran(long periods) {
    overruns += periods;
  }

  private void set(State next, String nextReason, String nextCode) {
    if (next != state || !nextReason.equals(reason)) {
      since = clock.instant();
    }
    state = next;
    reason = nextReason;
    code = nextCode;
  }

  /** A call into a plugin begins on this thread. */
  synchronized void enter(String what) {
    call = what;
    callStarted = System.nanoTime();
    caller = Thread.currentThread();
    interrupted = false;
  }

  /** The call has returned. Clears an interrupt that was meant for it. */
  synchronized void leave() {
    call = "";
    caller = null;
    if (interrupted) {
      Thread.interrupted();
      interrupted = false;
    }
  }

  /** Interrupts a call that has lasted too long, once. */
  synchronized void interruptAfter(Duration limit) {
    if (caller != null && !interrupted && System.nanoTime() - callStarted > limit.toNanos()) {
      interrupted = true;
      caller.interrupt();
    }
  }

  synchronized boolean wasInterrupted() {
    return interrupted;
  }

  synchronized State state() {
    return state;
  }

  synchronized StageStatus snapshot() {
    State shown = state;
    String shownReason = reason;
    if (interrupted) {
      shown = State.HANGING;
      shownReason =
          call
              + " has not returned for "
              + Duration.ofNanos(System.nanoTime() - callStarted).toSeconds()
              + " s; the plugin ignores the interrupt";
    }
    return new StageStatus(
        name, kind, shown, shownReason, code, since, attempts, restarts, overruns);
  }
}
