package kr.madang.inference;

import java.time.Duration;

/**
 * The bounds that all models of a process share.
 *
 * @param permits how many runs go on at once; each uses one thread, the caller's
 * @param permitTimeout how long a run waits for its permit before it fails as {@code EXHAUSTED}
 * @param runTimeout how long one run may take before it is asked to stop between two nodes of its
 *     graph; zero means as long as it takes, and costs nothing
 * @param callBytes native memory that the tensors of calls from outside may take together
 */
public record InferenceOptions(
    int permits, Duration permitTimeout, Duration runTimeout, long callBytes) {

  /** Checks the bounds. */
  public InferenceOptions {
    if (permits < 1) {
      throw new IllegalArgumentException("permits must be at least 1, not " + permits);
    }
    if (permitTimeout.isNegative() || permitTimeout.isZero()) {
      throw new IllegalArgumentException("permitTimeout must be above zero, not " + permitTimeout);
    }
    if (runTimeout.isNegative()) {
      throw new IllegalArgumentException("runTimeout must not be negative: " + runTimeout);
    }
  }

  /** 1 GiB for calls. */
  public InferenceOptions(int permits, Duration permitTimeout, Duration runTimeout) {
    this(permits, permitTimeout, runTimeout, 1L << 30);
  }

  /** One permit a core, 30 s of patience, no bound on a run. */
  public static InferenceOptions defaults() {
    return new InferenceOptions(
        Runtime.getRuntime().availableProcessors(), Duration.ofSeconds(30), Duration.ZERO);
  }
}
