package kr.madang.engine.compare;

import org.jspecify.annotations.Nullable;

/** How far apart two distributions are, from counts in common bins. */
final class Shift {
  private static final int PARTS = 10;

  /** With fewer numbers chance alone makes the index great. */
  private static final int LEAST = 100;

  private Shift() {}

  /** The greatest distance of the two distribution functions at the ends of the bins. */
  static @Nullable Double kolmogorovSmirnov(long[] a, long countA, long[] b, long countB) {
    if (countA == 0 || countB == 0) {
      return null;
    }
    double greatest = 0;
    long sumA = 0;
    long sumB = 0;
    for (int i = 0; i < a.length; i++) {
      sumA += a[i];
      sumB += b[i];
      greatest = Math.max(greatest, Math.abs((double) sumA / countA - (double) sumB / countB));
    }
    return greatest;
  }

  /**
   * The population stability index over the deciles of A; see {@link
   * NumberComparison#stabilityIndex}. Bins are joined until each has at least a tenth of A; the
   * last takes the rest.
   */
  static @Nullable Double stabilityIndex(long[] a, long countA, long[] b, long countB) {
    if (countA < LEAST || countB < LEAST) {
      return null;
    }
    long[] joinedA = new long[PARTS];
    long[] joinedB = new long[PARTS];
    int part = 0;
    for (int i = 0; i < a.length; i++) {
      joinedA[part] += a[i];
      joinedB[part] += b[i];
      if (joinedA[part] * PARTS >= countA && part < PARTS - 1 && i + 1 < a.length) {
        part++;
      }
    }
    int parts = part + 1;
    double index = 0;
    for (int i = 0; i < parts; i++) {
      double shareA = (joinedA[i] + 0.5) / (countA + 0.5 * parts);
      double shareB = (joinedB[i] + 0.5) / (countB + 0.5 * parts);
      index += (shareB - shareA) * Math.log(shareB / shareA);
    }
    return index;
  }
}
