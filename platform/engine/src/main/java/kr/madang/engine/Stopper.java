package kr.madang.engine;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A wish to stop that ends every pause. Threads park by themselves: in one shared queue, a time-out
 * would cost the more the more of them wait.
 */
final class Stopper {
  private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;
  private volatile long since;

  /** Waits; false if stopped meanwhile. */
  boolean pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    Thread self = Thread.currentThread();
    waiting.add(self);
    try {
      while (!stopped) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          return true;
        }
        LockSupport.parkNanos(this, left);
      }
      return false;
    } finally {
      waiting.remove(self);
    }
  }

  boolean stopped() {
    return stopped;
  }

  /** Whether it was stopped longer ago than this. */
  boolean stoppedFor(Duration time) {
    return stopped && System.nanoTime() - since > time.toNanos();
  }

  synchronized void stop() {
    if (!stopped) {
      since = System.nanoTime();
    }
    stopped = true;
    waiting.forEach(LockSupport::unpark);
  }
}
