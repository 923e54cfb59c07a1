package kr.madang.engine.compare;

import java.util.Arrays;

/**
 * The first look at the numbers of one column, of both sides: what is the least, what the greatest,
 * and a sample of both from which bins are laid.
 */
final class Scan {
  /** How many times the core's width a far value lies outside before it is cut off. */
  private static final double FAR = 2;

  private final Sampler a;
  private final Sampler b;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private boolean whole = true;

  Scan(int sample) {
    a = new Sampler(sample);
    b = new Sampler(sample);
  }

  /** Takes a number in; only finite ones count. */
  void add(boolean ofA, double value) {
    if (Double.isFinite(value)) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      whole &= value == Math.rint(value);
      (ofA ? a : b).add(value);
    }
  }

  private boolean isEmpty() {
    return min > max;
  }

  /**
   * Lower edges of narrow bins that hold about equally many numbers; a number that comes often has
   * a bin of its own. The first edge is the least number.
   */
  double[] narrowBins() {
    return isEmpty() ? new double[0] : Arrays.stream(sorted()).distinct().toArray();
  }

  /** Edges of about so many equally wide bins with round edges; far values may lie outside. */
  double[] wideBins(int bins) {
    if (isEmpty() || Double.isInfinite(max - min)) {
      return new double[0];
    }
    double[] sorted = sorted();
    double low = sorted[(int) (0.005 * (sorted.length - 1))];
    double high = sorted[(int) Math.ceil(0.995 * (sorted.length - 1))];
    double core = high - low;
    double from = low - min > FAR * core && core > 0 ? low - core / 10 : min;
    double to = max - high > FAR * core && core > 0 ? high + core / 10 : max;
    double most = Math.max(Math.abs(from), Math.abs(to));
    double size = to > from ? (to - from) / bins : Math.max(most, 1) / bins;
    double step = NiceStep.atLeast(Math.max(size, Math.ulp(most) * 4));
    if (whole) {
      step = Math.max(1, Math.ceil(step));
    }
    double first = Math.floor(from / step);
    int count = (int) (Math.floor(to / step) - first) + 1;
    double[] edges = new double[count + 1];
    for (int i = 0; i <= count; i++) {
      edges[i] = (first + i) * step;
    }
    return edges;
  }

  /** The sample of both sides with the least and the greatest number; −0 as 0. */
  private double[] sorted() {
    double[] ofA = a.kept();
    double[] ofB = b.kept();
    double[] all = new double[ofA.length + ofB.length + 2];
    System.arraycopy(ofA, 0, all, 0, ofA.length);
    System.arraycopy(ofB, 0, all, ofA.length, ofB.length);
    all[all.length - 2] = min;
    all[all.length - 1] = max;
    for (int i = 0; i < all.length; i++) {
      all[i] += 0.0;
    }
    Arrays.sort(all);
    return all;
  }
}
