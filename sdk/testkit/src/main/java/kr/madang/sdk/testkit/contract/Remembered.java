package kr.madang.sdk.testkit.contract;

/**
 * Stands in the JDK's caches in the place of a plugin's records; see {@link Unloading}.
 *
 * @param part of the same loader, which is what makes the JDK remember it
 */
public record Remembered(Part part) {
  /**
   * A component.
   *
   * @param number of no meaning
   */
  public record Part(int number) {}

  /** Lets the JDK make the methods of these records; called in another class loader. */
  public static boolean use() {
    Remembered one = new Remembered(new Part(1));
    return one.equals(new Remembered(new Part(1)))
        && one.hashCode() != 0
        && !one.toString().isEmpty();
  }
}
