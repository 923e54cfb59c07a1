package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of one sink compare.
 *
 * @param sink name in the pipeline
 * @param agreement of its rows and columns
 * @param presence which of the results has the sink
 * @param problem why rows could not be compared, or null if they were
 * @param rows how many
 * @param missing the longest runs of rows that only one result has, longest first
 * @param missingRuns how many such runs there are
 * @param columns columns (or tags of samples) that both results have
 * @param onlyInA columns (or tags) that only A has
 * @param onlyInB columns (or tags) that only B has
 */
public record SinkComparison(
    String sink,
    Agreement agreement,
    Presence presence,
    @Nullable String problem,
    Rows rows,
    List<MissingRun> missing,
    long missingRuns,
    List<ColumnComparison> columns,
    List<String> onlyInA,
    List<String> onlyInB) {

  /** Copies the lists. */
  public SinkComparison {
    missing = List.copyOf(missing);
    columns = List.copyOf(columns);
    onlyInA = List.copyOf(onlyInA);
    onlyInB = List.copyOf(onlyInB);
  }

  /** Which of two results has something. */
  public enum Presence {
    /** Both. */
    BOTH,
    /** Only the first. */
    ONLY_A,
    /** Only the second. */
    ONLY_B
  }

  /**
   * Counts of rows. {@code both = equal + within + beyond}.
   *
   * @param a rows in A
   * @param b rows in B
   * @param both rows that have a partner on the other side
   * @param onlyA rows of A without one
   * @param onlyB rows of B without one
   * @param equal pairs of rows that are equal bit for bit in every column and status
   * @param within pairs that are not equal, but within tolerance
   * @param beyond pairs with a value beyond tolerance, on one side only, or with another status
   */
  public record Rows(
      long a, long b, long both, long onlyA, long onlyB, long equal, long within, long beyond) {

    /** The share of all rows that agree within tolerance, 0 to 1; 1 where there are no rows. */
    double share() {
      long all = both + onlyA + onlyB;
      return all == 0 ? 1 : (double) (equal + within) / all;
    }
  }

  /**
   * Rows that follow one another in one result (samples: within their tag) and have no partner in
   * the other.
   *
   * @param tag of the samples; empty for frames
   * @param side {@code A} or {@code B}, whichever has the rows
   * @param from key of the first
   * @param to key of the last
   * @param rows how many
   */
  public record MissingRun(
      String side, String tag, @Nullable Instant from, @Nullable Instant to, long rows) {}
}
