package kr.madang.inference;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Asks runs that take too long to stop; one daemon thread, made only where a limit is set. */
final class Watchdog implements AutoCloseable {
  private final long limitNanos;
  private final ScheduledThreadPoolExecutor timer;

  Watchdog(long limitNanos) {
    this.limitNanos = limitNanos;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("madang-inference-watchdog").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  long limitMillis() {
    return TimeUnit.NANOSECONDS.toMillis(limitNanos);
  }

  Future<?> watch(RunControl control, long run) {
    return timer.schedule(() -> control.terminate(run), limitNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
