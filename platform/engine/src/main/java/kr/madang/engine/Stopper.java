package kr.madang.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A wish to stop that ends every pause. */
final class Stopper {
  private final CountDownLatch latch = new CountDownLatch(1);

  /** Waits; false if stopped meanwhile. */
  boolean pause(Duration time) throws InterruptedException {
    return !latch.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  boolean stopped() {
    return latch.getCount() == 0;
  }

  void await() throws InterruptedException {
    latch.await();
  }

  void stop() {
    latch.countDown();
  }
}
