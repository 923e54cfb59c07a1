package kr.madang.inference;

import java.util.Arrays;
import java.util.List;
import kr.madang.inference.Columns.Column;
import org.jspecify.annotations.Nullable;

/** Where the values of a column, as they lie in its tensor, are counted. */
final class Bins {
  private final double[] padded = new double[Baseline.BINS - 1];
  private final int count;
  private final double low;
  private final double high;
  private final Baseline.@Nullable Column expected;
  private final double[] shares;

  private Bins(double[] edges, double low, double high, Baseline.@Nullable Column expected) {
    Arrays.fill(padded, Double.POSITIVE_INFINITY);
    System.arraycopy(edges, 0, padded, 0, edges.length);
    this.count = edges.length + 1;
    this.low = low;
    this.high = high;
    this.expected = expected;
    this.shares =
        expected == null
            ? new double[0]
            : expected.shares().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Those of a baseline. */
  static Bins of(Column column, Baseline.Column expected) {
    return new Bins(
        expected.edges().stream().mapToDouble(column::inTensor).toArray(),
        column.inTensor(expected.low()),
        column.inTensor(expected.high()),
        expected);
  }

  /** Those that were learnt from values, which nothing is compared with. */
  static Bins learnt(double[] edges) {
    return new Bins(edges, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, null);
  }

  /** The bin of a value: the number of edges below it. Without branches, the loop is unrolled. */
  int of(double value) {
    int bin = 0;
    for (int i = 0; i < Baseline.BINS - 1; i++) {
      bin += value > padded[i] ? 1 : 0;
    }
    return bin;
  }

  boolean outside(double value) {
    return value < low | value > high;
  }

  /** What is compared with; null if nothing. */
  Baseline.@Nullable Column expected() {
    return expected;
  }

  double usuallyMissing() {
    return expected == null ? 0 : expected.missing();
  }

  /** NaN if nothing was seen, or is expected. */
  double index(Sightings.Sum sum) {
    return expected == null ? Double.NaN : Stability.index(shares, sum.counts(), 0);
  }

  /** What was seen, as a baseline. */
  Baseline.Column baseline(Column column, Sightings.Sum sum) {
    double all = sum.values();
    List<Double> seen =
        Arrays.stream(sum.counts(), 0, count).mapToObj(times -> times / all).toList();
    return new Baseline.Column(
        column.side(),
        column.name(),
        Arrays.stream(padded, 0, count - 1).mapToObj(column::inField).toList(),
        seen,
        sum.seen() == 0 ? 0 : Math.min(1, sum.missing() / (double) sum.seen()),
        column.inField(sum.low()),
        column.inField(sum.high()),
        sum.sampled());
  }
}
