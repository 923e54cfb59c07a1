package kr.madang.engine.compare;

import java.util.Arrays;

/**
 * The span of time that series are drawn over, in equal parts. Built from the first look. Reckons
 * without sign, since the span may be longer than the greatest long.
 */
final class TimeLine {
  private static final int SAMPLE = 4096;
  private static final double FAR = 5;

  private final Sampler sample = new Sampler(SAMPLE);
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;
  private long rows;
  private long from;
  private long span;
  private int parts;

  /** Takes a time in. */
  void add(long time) {
    first = Math.min(first, time);
    last = Math.max(last, time);
    rows++;
    sample.add(time);
  }

  /**
   * Lays the parts, a few rows of each side to one; times far outside of all others are left out.
   */
  void lay(int most) {
    if (rows == 0) {
      return;
    }
    double[] sorted = sample.kept();
    Arrays.sort(sorted);
    double low = sorted[(int) (0.01 * (sorted.length - 1))];
    double high = sorted[(int) Math.ceil(0.99 * (sorted.length - 1))];
    double core = high - low;
    from = core > 0 && low - first > FAR * core ? (long) (low - core / 20) : first;
    long to = core > 0 && last - high > FAR * core ? (long) (high + core / 20) : last;
    parts = Math.clamp(rows / 2, 1, most);
    span = Long.divideUnsigned(to - from, parts) + 1;
  }

  int parts() {
    return parts;
  }

  /** The part that a row lies in, or -1 if it lies in none. */
  int part(Row row) {
    if (!row.timed || row.time < from) {
      return -1;
    }
    long part = Long.divideUnsigned(row.time - from, span);
    return Long.compareUnsigned(part, parts) < 0 ? (int) part : -1;
  }

  /** The middle of a part, ns since 1970. */
  long middle(int part) {
    return from + part * span + span / 2;
  }
}
