package kr.madang.engine.compare;

/**
 * How far two numbers may be apart and still count as the same: {@code |a − b| ≤ max(absolute,
 * relative × max(|a|, |b|))}, so that it does not matter which of the two is called A.
 *
 * @param absolute in the unit of the column, not negative
 * @param relative as a share, not negative
 */
public record Tolerance(double absolute, double relative) {
  /** Only equal numbers are the same; +0 and −0 are equal. */
  public static final Tolerance NONE = new Tolerance(0, 0);

  /** Refuses negative and infinite tolerances. */
  public Tolerance {
    check("absolute", absolute);
    check("relative", relative);
  }

  private static void check(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          what + " tolerance must be 0 or a positive number, got " + value);
    }
  }

  /** Whether two finite numbers that are so far apart count as the same. */
  boolean covers(double a, double b, double difference) {
    double far = Math.abs(difference);
    return far <= absolute || far <= relative * Math.max(Math.abs(a), Math.abs(b));
  }
}
