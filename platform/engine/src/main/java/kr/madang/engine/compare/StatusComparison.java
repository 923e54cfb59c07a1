package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the statuses of a column compare.
 *
 * @param differ rows that both results have, with another status in each
 * @param a qualities in A, of all its rows
 * @param b qualities in B, of all its rows
 * @param changes the most frequent pairs of different statuses, most frequent first
 */
public record StatusComparison(long differ, Qualities a, Qualities b, List<Change> changes) {
  /** Copies the list. */
  public StatusComparison {
    changes = List.copyOf(changes);
  }

  /**
   * Rows by quality.
   *
   * @param good can be used
   * @param uncertain may be wrong
   * @param bad must not be used
   */
  public record Qualities(long good, long uncertain, long bad) {}

  /**
   * A pair of different statuses.
   *
   * @param a status in A, as OPC UA spells it
   * @param b status in B
   * @param rows how many rows have this pair
   * @param first key of the first of them
   */
  public record Change(String a, String b, long rows, @Nullable Instant first) {}
}
