package kr.madang.sdk.testkit.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Faults that follow one another without end; a seed gives always the same ones.
 *
 * @param shortest least time that a fault lasts
 * @param longest greatest time that a fault lasts
 * @param faults to draw from, at least one
 */
public record FaultScript(long seed, Duration shortest, Duration longest, List<Fault> faults) {

  /**
   * One entry.
   *
   * @param lasts until the next entry
   */
  public record Step(Fault fault, Duration lasts) {}

  /** Checks and copies. */
  public FaultScript {
    faults = List.copyOf(faults);
    if (faults.isEmpty()) {
      throw new IllegalArgumentException("a script needs at least one fault");
    }
    if (shortest.isNegative() || longest.compareTo(shortest) < 0) {
      throw new IllegalArgumentException(
          "expected 0 <= shortest <= longest, got " + shortest + " and " + longest);
    }
  }

  /** The entry of a number, counted from 0. */
  public Step step(long number) {
    Random random = new Random(seed * 0x9E37_79B9_7F4A_7C15L + number);
    random.nextLong(); // neighbouring seeds begin alike
    long lasts = random.nextLong(shortest.toNanos(), longest.toNanos() + 1);
    return new Step(faults.get(random.nextInt(faults.size())), Duration.ofNanos(lasts));
  }
}
