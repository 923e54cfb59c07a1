package kr.madang.inference;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** How many runs go on at once in this process; a run takes place on the thread that asks. */
final class Permits {
  private final int count;
  private final long timeoutNanos;
  private final Semaphore free;

  Permits(int count, long timeoutNanos) {
    this.count = count;
    this.timeoutNanos = timeoutNanos;
    this.free = new Semaphore(count);
  }

  void take(String model) throws InterruptedException {
    if (!free.tryAcquire() && !free.tryAcquire(timeoutNanos, TimeUnit.NANOSECONDS)) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s: none of the %d inference permits came free within %d ms; fewer or smaller models, or more cores, are needed"
              .formatted(model, count, TimeUnit.NANOSECONDS.toMillis(timeoutNanos)));
    }
  }

  void giveBack() {
    free.release();
  }

  /** Waits until nothing runs, and keeps it so; false when that took too long. */
  boolean drain() throws InterruptedException {
    return free.tryAcquire(count, timeoutNanos, TimeUnit.NANOSECONDS);
  }

  int free() {
    return free.availablePermits();
  }
}
