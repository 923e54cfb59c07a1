package kr.madang.inference;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long runs take, by rows: the batch curve of a model, kept up to date by every run. Any
 * thread; of two runs that end at once one may be left out.
 */
final class Curve {
  private static final int SIZES = 32;
  private static final int SLOW = 16;

  /** Of so many runs the time on the core is looked at once: asking costs a call of the system. */
  private static final int SELDOM = 8;

  /**
   * Of runs with 2^i to 2^(i+1)-1 rows: means that follow the latest runs, and the time on their
   * core that nine of ten stay below, which moves by a step whatever a run has taken. On a busy
   * machine many runs lose their core for milliseconds; that says nothing of the model.
   */
  private record Size(long runs, double rows, double nanos, int looked, double busy) {
    static final Size NONE = new Size(0, 0, 0, 0, 0);

    Size with(long more, double took) {
      double share = Math.max(1.0 / (runs + 1), 1.0 / SLOW);
      return new Size(
          runs + 1, rows + (more - rows) * share, nanos + (took - nanos) * share, looked, busy);
    }

    Size look(double took) {
      double next =
          looked == 0
              ? took * 1.5
              : looked < SLOW ? Math.min(busy, took * 1.5) : busy * (took > busy ? 1.2 : 0.98);
      return new Size(runs, rows, nanos, Math.min(SLOW, looked + 1), next);
    }
  }

  /** A model that has deceived so often is not taken for a short one again. */
  private static final int STRIKES = 3;

  private final AtomicReferenceArray<Size> sizes = new AtomicReferenceArray<>(SIZES);
  private volatile int strikes;

  void saw(long rows, long nanos) {
    int at = index(rows);
    Size known = sizes.get(at);
    sizes.set(at, (known == null ? Size.NONE : known).with(rows, nanos));
  }

  /** Whether the time on the core of a run of so many rows is to be looked at. */
  boolean looks(long rows) {
    Size known = sizes.get(index(rows));
    return known == null || known.looked < SLOW || known.runs % SELDOM == 0;
  }

  /** What a run has had of its core. */
  void looked(long rows, long nanos) {
    int at = index(rows);
    Size known = sizes.get(at);
    sizes.set(at, (known == null ? Size.NONE : known).look(nanos));
  }

  /** A run that was taken for a short one was ended after so long: it takes many to forget that. */
  void outstayed(long rows, long nanos) {
    int at = index(rows);
    Size known = sizes.get(at);
    Size size = known == null ? Size.NONE : known;
    sizes.set(at, new Size(size.runs, size.rows, size.nanos, SLOW, nanos));
    strikes = Math.min(STRIKES, strikes + 1);
  }

  /** Nanoseconds that a run will likely take; a guess of 100 µs where nothing is known. */
  long estimate(long rows) {
    int at = index(rows);
    Size known = sizes.get(at);
    if (known != null && known.runs > 0) {
      return (long) known.nanos;
    }
    for (int away = 1; away < SIZES; away++) {
      Size below = at - away >= 0 ? sizes.get(at - away) : null;
      if (below != null && below.runs > 0) {
        return (long) (below.nanos * Math.max(1, rows / below.rows));
      }
      Size above = at + away < SIZES ? sizes.get(at + away) : null;
      if (above != null && above.runs > 0) {
        return (long) above.nanos;
      }
    }
    return 100_000;
  }

  /** Whether nearly all runs of so many rows need less of a core; false until enough were seen. */
  boolean below(long rows, long nanos) {
    Size known = sizes.get(index(rows));
    return known != null && known.looked >= SLOW && known.busy < nanos && strikes < STRIKES;
  }

  private static int index(long rows) {
    return Math.min(SIZES - 1, 63 - Long.numberOfLeadingZeros(Math.max(1, rows)));
  }
}
