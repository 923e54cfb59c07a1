package kr.madang.gateway.trace;

import java.util.concurrent.atomic.AtomicLong;

/** How many calls are traced yet. Any thread; never waits. */
final class Quota {
  /** Any number. */
  static final long ANY = -1;

  private final AtomicLong left;

  Quota(long calls) {
    left = new AtomicLong(calls);
  }

  long left() {
    return left.get();
  }

  /** Takes one, if there is one. */
  boolean take() {
    while (true) {
      long seen = left.get();
      if (seen <= 0) {
        return seen == ANY;
      }
      if (left.compareAndSet(seen, seen - 1)) {
        return true;
      }
    }
  }
}
