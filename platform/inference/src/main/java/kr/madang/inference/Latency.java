package kr.madang.inference;

/** How long runs take: counts by powers of the fourth root of 2. One thread at a time. */
final class Latency {
  private static final int STEPS = 4;

  private final long[] counts = new long[64 * STEPS];
  private long all;

  void add(long nanos) {
    counts[index(Math.max(1, nanos))]++;
    all++;
  }

  /** Nanoseconds that such a share of the runs stays below, to a sixth; 0 without runs. */
  long below(double share) {
    long wanted = (long) Math.ceil(all * share);
    long sum = 0;
    for (int i = 0; i < counts.length && all > 0; i++) {
      sum += counts[i];
      if (sum >= wanted) {
        return (long) Math.pow(2, (i + 0.5) / STEPS);
      }
    }
    return 0;
  }

  private static int index(long nanos) {
    return (int) (Math.log(nanos) / Math.log(2) * STEPS);
  }
}
