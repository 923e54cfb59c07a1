package kr.madang.inference;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Asks runs that take too long to stop; one daemon thread, made with the first run to watch. */
final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  Watchdog() {
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("madang-inference-watchdog").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  Future<?> watch(RunControl control, long run, long limitNanos) {
    return timer.schedule(() -> control.terminate(run), limitNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
