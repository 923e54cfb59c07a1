package kr.madang.sdk.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a time. */
public final class Await {
  static final Duration LIMIT = Duration.ofSeconds(20);

  private Await() {}

  /** Returns as soon as the condition holds; fails with its description after 20 s. */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    until(what, LIMIT, condition);
  }

  /** Returns as soon as the condition holds; fails with its description after the limit. */
  public static void until(String what, Duration limit, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
