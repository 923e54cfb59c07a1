package kr.madang.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing, jittered pauses between tries: doubled each time, then 50 to 100 % of it. */
final class Backoff {
  private final Graph.Limits limits;
  private final RandomGenerator jitter;
  private int failures;

  Backoff(Graph.Limits limits, RandomGenerator jitter) {
    this.limits = limits;
    this.jitter = jitter;
  }

  /** Counts a failure and gives the pause that follows it. */
  Duration next() {
    long most = limits.retryMax().toNanos();
    long full = Math.min(most, limits.retryMin().toNanos() << Math.min(failures, 20));
    failures++;
    double spread;
    synchronized (jitter) { // stages share it, and few generators are safe for threads
      spread = 0.5 + 0.5 * jitter.nextDouble();
    }
    return Duration.ofNanos((long) ((full > 0 ? full : most) * spread));
  }

  /** Whether a stage should give up. */
  boolean exhausted() {
    return limits.attempts() > 0 && failures >= limits.attempts();
  }

  int failures() {
    return failures;
  }

  void reset() {
    failures = 0;
  }
}
