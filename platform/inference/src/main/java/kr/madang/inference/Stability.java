package kr.madang.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How far values have moved from what they were. */
final class Stability {
  /** Stands for the share of a bin in which nothing lies. */
  static final double LEAST = 1e-4;

  private Stability() {}

  /**
   * The population stability index: the sum over all bins of {@code (a - e) * ln(a / e)}, where
   * {@code e} is the share that is expected in a bin and {@code a} the one that is seen; a share of
   * 0 counts as {@value #LEAST}. It is the symmetric divergence of Jeffreys (Proc. R. Soc. A 186,
   * 1946) under the name that it has in scoring; below 0.1 little has changed, from 0.25 much
   * (Siddiqi, Credit Risk Scorecards, 2006). Without any change it is about {@code (bins - 1) * (1
   * / seen + 1 / rows of the baseline)} by chance (Yurdakul and Naranjo, J. Risk Model Validation
   * 14(4), 2020).
   *
   * @param expected shares
   * @param seen how many lie in each bin, from {@code from}
   * @return NaN if nothing was seen
   */
  static double index(double[] expected, long[] seen, int from) {
    long all = 0;
    for (int i = 0; i < expected.length; i++) {
      all += seen[from + i];
    }
    if (all == 0) {
      return Double.NaN;
    }
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double e = Math.max(LEAST, expected[i]);
      double a = Math.max(LEAST, seen[from + i] / (double) all);
      sum += (a - e) * Math.log(a / e);
    }
    return sum;
  }

  /**
   * Ends of bins that hold about equally many of some values; fewer where many values are equal.
   *
   * @param count of the values from the first; they are sorted
   */
  static double[] edges(double[] values, int count) {
    Arrays.sort(values, 0, count);
    List<Double> edges = new ArrayList<>();
    for (int i = 1; i < Baseline.BINS; i++) {
      double edge = values[(int) ((long) count * i / Baseline.BINS)];
      boolean above = edges.isEmpty() || edge > edges.getLast();
      if (above && edge < values[count - 1]) {
        edges.add(edge);
      }
    }
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
