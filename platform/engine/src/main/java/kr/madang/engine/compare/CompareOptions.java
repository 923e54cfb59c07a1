package kr.madang.engine.compare;

import java.util.Map;
import kr.madang.sdk.batch.Frames;

/**
 * How two results are compared.
 *
 * @param tolerance for every column that has none of its own
 * @param columns tolerances by column (or tag) name
 * @param key the timestamp column that rows are matched by; for samples {@code time} is the time at
 *     the source or, where it is not known, of arrival
 * @param top how many of the greatest differences, value pairs and gaps are kept, 1 to 1,000
 * @param bins about how many bins a histogram has, 4 to 200
 * @param points at most how many points in time a series has, 10 to 5,000; fewer when there are
 *     very many columns
 */
public record CompareOptions(
    Tolerance tolerance,
    Map<String, Tolerance> columns,
    String key,
    int top,
    int bins,
    int points) {
  /** One part in a million, matched by {@code time}. */
  public static final CompareOptions DEFAULT =
      new CompareOptions(new Tolerance(1e-9, 1e-6), Map.of(), Frames.TIME, 20, 40, 600);

  /** Refuses what is out of range. */
  public CompareOptions {
    columns = Map.copyOf(columns);
    check("top", top, 1, 1_000);
    check("bins", bins, 4, 200);
    check("points", points, 10, 5_000);
    if (key.isBlank()) {
      throw new IllegalArgumentException(
          "key must name the column that rows are matched by, for example " + Frames.TIME);
    }
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " must be " + least + " to " + most + ", got " + value);
    }
  }

  /** The same with another tolerance for all columns. */
  public CompareOptions withTolerance(Tolerance other) {
    return new CompareOptions(other, columns, key, top, bins, points);
  }

  Tolerance toleranceOf(String column) {
    return columns.getOrDefault(column, tolerance);
  }
}
