package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one column of frames, or one tag of samples, compares over the rows that both results have.
 *
 * @param name of the column or tag
 * @param unit as the field says, or empty
 * @param typeA its type in A
 * @param typeB its type in B
 * @param agreement of values and statuses
 * @param tolerance that was used
 * @param equal rows with the same value bit for bit (or missing in both)
 * @param within rows with another value within tolerance
 * @param beyond rows with a value beyond tolerance or missing on one side
 * @param missingInA rows with a value in B alone; among {@code beyond}
 * @param missingInB rows with a value in A alone; among {@code beyond}
 * @param notFinite numbers of which one is NaN or infinite and the other is not; the first cases
 *     are in {@code odd}
 * @param odd the first rows whose difference is no number: a value on one side only, NaN, infinite
 * @param numbers what is known about numbers, or null if there were none
 * @param texts what is known about texts and booleans, or null if there were none
 * @param statuses what is known about statuses, or null if the column has none
 */
public record ColumnComparison(
    String name,
    String unit,
    String typeA,
    String typeB,
    Agreement agreement,
    Tolerance tolerance,
    long equal,
    long within,
    long beyond,
    long missingInA,
    long missingInB,
    long notFinite,
    List<Odd> odd,
    @Nullable NumberComparison numbers,
    @Nullable TextComparison texts,
    @Nullable StatusComparison statuses) {

  /** Copies the list. */
  public ColumnComparison {
    odd = List.copyOf(odd);
  }

  /** Rows that both results have. */
  long rows() {
    return equal + within + beyond;
  }

  /**
   * Two values of one row as texts; null where there is none.
   *
   * @param time the key of the row
   * @param a in A
   * @param b in B
   */
  public record Odd(@Nullable Instant time, @Nullable String a, @Nullable String b) {}
}
