package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How texts or booleans compare. Long texts are shown cut, but compared whole.
 *
 * @param equal rows with the same text
 * @param different rows with another text
 * @param pairs the most frequent pairs of different texts, most frequent first
 * @param values the most frequent texts, most frequent first
 */
public record TextComparison(long equal, long different, List<Pair> pairs, List<Value> values) {
  /** Copies the lists. */
  public TextComparison {
    pairs = List.copyOf(pairs);
    values = List.copyOf(values);
  }

  /**
   * A pair of different texts.
   *
   * @param a in A
   * @param b in B
   * @param rows how many rows have this pair
   * @param first key of the first of them
   */
  public record Pair(String a, String b, long rows, @Nullable Instant first) {}

  /**
   * How often a text comes, with or without partner.
   *
   * @param text the value
   * @param a rows in A
   * @param b rows in B
   */
  public record Value(String text, long a, long b) {}
}
