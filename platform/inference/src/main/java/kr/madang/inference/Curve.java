package kr.madang.inference;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long runs take, by rows: the batch curve of a model, kept up to date by every run. Any
 * thread; of two runs that end at once one may be left out.
 */
final class Curve {
  private static final int SIZES = 32;
  private static final int SLOW = 16;

  /**
   * Of runs with 2^i to 2^(i+1)-1 rows: means that follow the latest runs, and what nine of ten
   * stay below. The latter moves by a step whatever a run has taken: on a busy machine some runs
   * lose their core for milliseconds, which says nothing of the model.
   */
  private record Size(long runs, double rows, double nanos, double most) {
    Size with(long more, double took) {
      double share = Math.max(1.0 / (runs + 1), 1.0 / SLOW);
      return new Size(
          runs + 1, rows + (more - rows) * share, nanos + (took - nanos) * share, most(took));
    }

    private double most(double took) {
      if (runs == 0) {
        return took * 1.5;
      }
      return runs < SLOW ? Math.min(most, took * 1.5) : most * (took > most ? 1.09 : 0.99);
    }
  }

  private final AtomicReferenceArray<Size> sizes = new AtomicReferenceArray<>(SIZES);

  void saw(long rows, long nanos) {
    int at = index(rows);
    Size known = sizes.get(at);
    sizes.set(at, (known == null ? new Size(0, rows, nanos, 0) : known).with(rows, nanos));
  }

  /** Nanoseconds that a run will likely take; a guess of 100 µs where nothing is known. */
  long estimate(long rows) {
    int at = index(rows);
    Size known = sizes.get(at);
    if (known != null) {
      return (long) known.nanos;
    }
    for (int away = 1; away < SIZES; away++) {
      Size below = at - away >= 0 ? sizes.get(at - away) : null;
      if (below != null) {
        return (long) (below.nanos * Math.max(1, rows / below.rows));
      }
      Size above = at + away < SIZES ? sizes.get(at + away) : null;
      if (above != null) {
        return (long) above.nanos;
      }
    }
    return 100_000;
  }

  /** Whether nearly all runs of so many rows end sooner; false until enough were seen. */
  boolean below(long rows, long nanos) {
    Size known = sizes.get(index(rows));
    return known != null && known.runs >= SLOW && known.most < nanos;
  }

  private static int index(long rows) {
    return Math.min(SIZES - 1, 63 - Long.numberOfLeadingZeros(Math.max(1, rows)));
  }
}
