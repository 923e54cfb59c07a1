package kr.madang.inference;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The run options of one caller, used by one run at a time. The flag that stops a run sticks in
 * ONNX Runtime, so it is taken back after a run that was stopped, and never set for a later one.
 */
final class RunControl implements AutoCloseable {
  private OrtSession.@Nullable RunOptions options;
  private long run;
  private boolean running;
  private boolean overdue;
  private long queuedNanos;
  private long runNanos;

  RunControl() throws OrtException {
    options = new OrtSession.RunOptions();
  }

  OrtSession.RunOptions options() {
    OrtSession.RunOptions current = options;
    if (current == null) {
      throw new IllegalStateException("run options are closed");
    }
    return current;
  }

  /** The times of runs are added up from nought; by the thread that runs. */
  void countFromNow() {
    queuedNanos = 0;
    runNanos = 0;
  }

  /** A run has waited for a core, and taken one. */
  void took(long queued, long ran) {
    queuedNanos += queued;
    runNanos += ran;
  }

  long queuedNanos() {
    return queuedNanos;
  }

  long runNanos() {
    return runNanos;
  }

  synchronized long begin() {
    running = true;
    overdue = false;
    return ++run;
  }

  /** Ends the run; says whether it was asked to stop. */
  synchronized boolean end() throws OrtException {
    running = false;
    if (overdue) {
      options().setTerminate(false);
    }
    return overdue;
  }

  /** Whether the run was asked to stop. */
  synchronized boolean isStopped() {
    return overdue;
  }

  synchronized void terminate(long overdueRun) {
    OrtSession.RunOptions current = options;
    if (running && run == overdueRun && current != null) {
      overdue = true;
      try {
        current.setTerminate(true);
      } catch (OrtException e) {
        LoggerFactory.getLogger(RunControl.class).warn("a run cannot be stopped", e);
      }
    }
  }

  @Override
  public synchronized void close() {
    OrtSession.RunOptions current = options;
    options = null;
    if (current != null) {
      current.close();
    }
  }
}
