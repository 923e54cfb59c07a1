package kr.madang.gateway.trace;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Which calls are traced of those that nobody else has decided on. Any thread. */
final class Pace {
  private final long every;
  private final double share;
  private final AtomicLong seen = new AtomicLong();

  private Pace(long every, double share) {
    this.every = every;
    this.share = share;
  }

  /** The last of so many each time; 0 for none. */
  static Pace every(long calls) {
    return new Pace(calls, 0);
  }

  /** A share of them by chance, 0 to 1. */
  static Pace share(double share) {
    return new Pace(
        share == 0 ? 0 : Math.clamp(Math.round(1 / share), 1, Integer.MAX_VALUE), share);
  }

  /** Out of how many calls one is traced, as near as a whole number tells it; 0 for none. */
  long every() {
    return every;
  }

  /** Whether the next call is traced. */
  boolean next() {
    if (share > 0) {
      return ThreadLocalRandom.current().nextDouble() < share;
    }
    return every == 1 || every > 1 && seen.incrementAndGet() % every == 0;
  }
}
