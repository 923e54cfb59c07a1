package kr.madang.inference;

/**
 * What a tenant may have of the machine. A limit of 0 is none.
 *
 * @param weight its part where several want to run at once, against the weights of the others
 * @param rowsPerSecond rows that it may send, with a burst of a second
 * @param computeMillisPerSecond time on cores that it may use, with a burst of a second; 1,000 is
 *     one core
 * @param concurrent calls that may be under way or wait
 * @param queue calls that may wait; never without a limit
 */
public record Share(
    double weight, long rowsPerSecond, long computeMillisPerSecond, int concurrent, int queue) {
  /** Weight 1, no limits but 256 calls that wait. */
  public static final Share DEFAULT = new Share(1, 0, 0, 0, 256);

  /** Checks the ranges. */
  public Share {
    if (!(weight >= 0.001 && weight <= 1_000)) {
      throw new IllegalArgumentException("weight must be from 0.001 to 1000, not " + weight);
    }
    if (rowsPerSecond < 0 || computeMillisPerSecond < 0 || concurrent < 0) {
      throw new IllegalArgumentException("a limit must not be negative; 0 is none");
    }
    if (queue < 1 || queue > 100_000) {
      throw new IllegalArgumentException("queue must be from 1 to 100000, not " + queue);
    }
  }
}
