package kr.madang.inference;

import java.util.Arrays;

/**
 * How the values of one column of an output are spread, of an old version of a model and of a new
 * one. Numbers are counted in bins that the first values of the old version give; labels each by
 * itself. One thread at a time.
 */
final class Spread {
  static final int OLD = 0;
  static final int FRESH = 1;

  private static final int FIRST = 256;
  private static final int TENTHS = 10;
  private static final int LABELS = 32;

  private final boolean numbers;
  private final double[][] early = new double[2][FIRST];
  private final long[] seen = new long[2];
  private final double[] sums = new double[2];
  private final long[] keys = new long[LABELS];
  private int labels;
  private double[] edges = new double[0];
  private long[][] counts;

  /** Starts without any value. */
  Spread(boolean numbers) {
    this.numbers = numbers;
    this.counts = new long[2][numbers ? 0 : LABELS + 1];
  }

  /** Adds a value; one that is no number is a bin of its own. */
  void add(int side, double value) {
    if (Double.isFinite(value)) {
      sums[side] += value;
    }
    if (edges.length > 0) {
      seen[side]++;
      counts[side][bin(value)]++;
    } else if (seen[side] < FIRST) {
      early[side][(int) seen[side]++] = value;
      if (seen[OLD] == FIRST) {
        cut();
      }
    }
  }

  /** Adds a label. */
  void label(int side, long key) {
    int at = 0;
    while (at < labels && keys[at] != key) {
      at++;
    }
    if (at == labels && labels < LABELS) {
      keys[labels++] = key;
    }
    seen[side]++;
    counts[side][at]++;
  }

  long seen(int side) {
    return seen[side];
  }

  /** The mean of the numbers; 0 of labels. */
  double mean(int side) {
    return seen[side] == 0 ? 0 : sums[side] / seen[side];
  }

  /**
   * The population stability index: 0 where both are spread alike, above 0.25 where a reader of the
   * values would notice; 0 too while the old version has shown too few to say.
   */
  double shift() {
    if (numbers && edges.length == 0 || seen[OLD] == 0 || seen[FRESH] == 0) {
      return 0;
    }
    int used = numbers ? counts[OLD].length : labels + (labels == LABELS ? 1 : 0);
    double index = 0;
    for (int i = 0; i < used; i++) {
      // half a value in each bin: one that is empty by chance weighs little
      double was = (counts[OLD][i] + 0.5) / (seen[OLD] + 0.5 * used);
      double is = (counts[FRESH][i] + 0.5) / (seen[FRESH] + 0.5 * used);
      index += (is - was) * Math.log(is / was);
    }
    return index;
  }

  /** Makes the bins: below all, tenths of the values, above all, no number. */
  private void cut() {
    double[] sorted = Arrays.stream(early[OLD]).filter(Double::isFinite).sorted().toArray();
    double[] cuts = new double[TENTHS + 1];
    int made = 0;
    for (int i = 0; i <= TENTHS && sorted.length > 0; i++) {
      double edge = sorted[(sorted.length - 1) * i / TENTHS];
      edge = i == 0 ? Math.nextDown(edge) : edge;
      if (made == 0 || edge > cuts[made - 1]) {
        cuts[made++] = edge;
      }
    }
    edges = made == 0 ? new double[] {0} : Arrays.copyOf(cuts, made);
    counts = new long[2][edges.length + 2];
    for (int side = 0; side < 2; side++) {
      for (int i = 0; i < seen[side]; i++) {
        counts[side][bin(early[side][i])]++;
      }
    }
  }

  private int bin(double value) {
    if (!Double.isFinite(value)) {
      return edges.length + 1;
    }
    int at = 0;
    while (at < edges.length && value > edges[at]) {
      at++;
    }
    return at;
  }
}
