package kr.madang.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** Tells one bad moment from a pipeline that fails again and again. */
final class CrashLoop {
  private static final int FAILURES = 5;
  private static final long WITHIN = TimeUnit.MINUTES.toNanos(10);

  private final Deque<Long> latest = new ArrayDeque<>(FAILURES);

  /** It failed; nanoTime. */
  void failed(long now) {
    if (latest.size() == FAILURES) {
      latest.removeFirst();
    }
    latest.addLast(now);
  }

  /** It runs, or a person has done something about it. */
  void forgive() {
    latest.clear();
  }

  /** Whether it failed five times within ten minutes. */
  boolean loops(long now) {
    return latest.size() == FAILURES && now - latest.getFirst() <= WITHIN;
  }
}
