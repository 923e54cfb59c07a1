package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import kr.madang.engine.PipelineStatus.StageStatus;
import kr.madang.engine.PipelineStatus.State;
import kr.madang.engine.PipelineStatus.Turn;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** What is known of one stage. Written by its thread, read by any. */
final class StageState {
  private static final int TURNS = 20;

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
  private final Deque<Turn> history = new ArrayDeque<>();
  private String call = "";
  private long callStarted;
  private @Nullable Thread caller;
  private boolean interrupted;

  StageState(String name, String kind, InstantSource clock) {
    this.name = name;
    this.kind = kind;
    this.clock = clock;
    this.since = clock.instant();
    turned(new Turn(since, state, "", "", 1));
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

  /** Tries in a row that failed. */
  synchronized int attempts() {
    return attempts;
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
      turned(new Turn(since, next, nextCode, nextReason, 1));
    } else if (next == State.RETRYING && !history.isEmpty()) {
      Turn last = history.removeLast();
      history.add(new Turn(last.at(), next, nextCode, nextReason, last.times() + 1));
    }
    state = next;
    reason = nextReason;
    code = nextCode;
  }

  private void turned(Turn turn) {
    if (history.size() == TURNS) {
      history.removeFirst();
    }
    history.add(turn);
  }

  /** A call into a plugin begins on this thread. */
  private synchronized void enter(String what) {
    call = what;
    callStarted = System.nanoTime();
    caller = Thread.currentThread();
    interrupted = false;
  }

  /**
   * The call has returned. Clears every interrupt: one that a plugin left behind must not reach the
   * waits of the engine, and those learn of a stop by other means.
   */
  private synchronized void leave() {
    call = "";
    caller = null;
    interrupted = false;
    Thread.interrupted();
  }

  /** Calls a plugin under watch. A call that was interrupted because it lasted is a time-out. */
  <T extends @Nullable Object> T call(String what, Callable<T> callable) throws Exception {
    return call(what, ErrorCode.TIMEOUT, callable);
  }

  /** Calls a plugin under watch; {@code late} is what it means to be interrupted by it. */
  <T extends @Nullable Object> T call(String what, ErrorCode late, Callable<T> callable)
      throws Exception {
    enter(what);
    try {
      return callable.call();
    } catch (InterruptedException e) {
      if (wasInterrupted()) {
        throw new PluginException(late, what + " took too long and was interrupted", e);
      }
      throw e;
    } finally {
      leave();
    }
  }

  /** Calls a plugin under watch. */
  void call(String what, Retry.Call run) throws Exception {
    this.<@Nullable Object>call(
        what,
        () -> {
          run.run();
          return null;
        });
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

  /** Came to its end, unless by an error. */
  synchronized void done() {
    if (state != State.FAILED) {
      set(State.DONE);
    }
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
        name,
        kind,
        shown,
        shownReason,
        code,
        since,
        attempts,
        restarts,
        overruns,
        List.copyOf(history));
  }
}
