package kr.madang.e2e.harness;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** How many rows are due. */
final class Pace {
  private final int rate;
  private final int batch;
  private final long start = System.nanoTime();
  private long made;

  Pace(HarnessPlugin.Counting config) {
    rate = config.rate();
    batch = config.batch();
  }

  /** Waits until rows are due, at most so long; answers how many, 0 if none. */
  int take(Duration atMost) throws InterruptedException {
    if (rate == 0) {
      return batch;
    }
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      long now = System.nanoTime();
      long due = (long) ((now - start) / 1e9 * rate) - made;
      if (due > 0) {
        int taken = (int) Math.min(due, batch);
        made += taken;
        return taken;
      }
      if (now >= end) {
        return 0;
      }
      LockSupport.parkNanos(Math.min(end - now, 1_000_000_000L / rate + 1));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
