package kr.madang.engine.compare;

import kr.madang.engine.compare.StatusComparison.Change;
import kr.madang.engine.compare.StatusComparison.Qualities;
import kr.madang.sdk.batch.Quality;

/** Counts the statuses of one column. */
final class StatusTally {
  private final long[] a = new long[3];
  private final long[] b = new long[3];
  private final PairCounts<Integer> pairs = new PairCounts<>();

  void add(boolean ofA, int status) {
    (ofA ? a : b)[Math.min(2, status >>> 30)]++;
  }

  /** Takes the two statuses of a row in and says whether they are the same. */
  boolean pair(Row row, int statusA, int statusB) {
    if (statusA == statusB) {
      return true;
    }
    pairs.add(statusA, statusB, row);
    return false;
  }

  StatusComparison comparison(int top) {
    return new StatusComparison(
        pairs.rows(),
        new Qualities(a[0], a[1], a[2]),
        new Qualities(b[0], b[1], b[2]),
        pairs.top(
            top,
            (ofA, ofB, rows, first) ->
                new Change(Quality.name(ofA), Quality.name(ofB), rows, first)));
  }
}
