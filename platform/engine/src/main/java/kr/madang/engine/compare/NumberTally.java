package kr.madang.engine.compare;

import java.util.Arrays;
import java.util.List;
import kr.madang.engine.compare.NumberComparison.Histogram;

/** Compares the numbers of one column, after a first look at them. */
final class NumberTally {
  private final Tolerance tolerance;
  private final double[] edges;
  private final Spread a;
  private final Spread b;
  private final Differences differences;
  private final Series series;
  private long notFinite;

  NumberTally(Scan scan, TimeLine line, Tolerance tolerance, CompareOptions options) {
    this.tolerance = tolerance;
    double[] narrow = scan.narrowBins();
    edges = scan.wideBins(options.bins());
    a = new Spread(narrow, edges);
    b = new Spread(narrow, edges);
    differences = new Differences(options.top());
    series = new Series(line);
  }

  /** Takes the number of a row in, with or without partner. */
  void add(boolean ofA, int part, double value) {
    (ofA ? a : b).add(value);
    series.add(ofA, part, value);
  }

  void missing(boolean ofA) {
    (ofA ? a : b).missing();
  }

  /** Compares two rows that both have the column's numbers. */
  Agreement pair(Row rowA, Row rowB, int column, int at, int width, int part) {
    boolean longs = rowA.kinds[column] == Row.LONG && rowB.kinds[column] == Row.LONG;
    Agreement worst = Agreement.IDENTICAL;
    double farthest = -1;
    double farA = 0;
    double farB = 0;
    double signed = 0;
    for (int i = at; i < at + width; i++) {
      double ofA = number(rowA, column, i);
      double ofB = number(rowB, column, i);
      boolean equal =
          longs
              ? rowA.bits[i] == rowB.bits[i]
              : Double.doubleToRawLongBits(ofA) == Double.doubleToRawLongBits(ofB);
      double difference = equal ? 0 : longs ? subtract(rowB.bits[i], rowA.bits[i]) : ofB - ofA;
      if (!Double.isFinite(ofA) || !Double.isFinite(ofB) || !Double.isFinite(difference)) {
        if (!equal) {
          boolean bothNaN = Double.isNaN(ofA) && Double.isNaN(ofB);
          worst = worst.worse(bothNaN ? Agreement.WITHIN_TOLERANCE : Agreement.DIFFERENT);
          notFinite += bothNaN ? 0 : 1;
        }
        continue;
      }
      differences.add(ofA, ofB, difference);
      if (!equal) {
        worst =
            worst.worse(
                tolerance.covers(ofA, ofB, difference)
                    ? Agreement.WITHIN_TOLERANCE
                    : Agreement.DIFFERENT);
      }
      if (Math.abs(difference) > farthest) {
        farthest = Math.abs(difference);
        farA = ofA;
        farB = ofB;
        signed = difference;
      }
    }
    if (farthest >= 0) {
      differences.rank(rowA, farA, farB, signed);
      series.difference(part, farthest);
    }
    return worst;
  }

  private static double subtract(long b, long a) {
    long difference = b - a;
    boolean overflow = ((b ^ a) & (b ^ difference)) < 0;
    return overflow ? (double) b - (double) a : difference;
  }

  /** A number of a row as a double. */
  static double number(Row row, int column, int at) {
    return row.kinds[column] == Row.LONG ? row.bits[at] : Double.longBitsToDouble(row.bits[at]);
  }

  /** Pairs of which one number is NaN or infinite and the other is not the same. */
  long notFinite() {
    return notFinite;
  }

  boolean isEmpty() {
    return a.isEmpty() && b.isEmpty();
  }

  NumberComparison comparison() {
    return new NumberComparison(
        differences.pairs(),
        differences.meanDifference(),
        differences.meanAbsolute(),
        differences.maxAbsolute(),
        differences.meanRelative(),
        differences.maxRelative(),
        differences.rootMeanSquare(),
        differences.correlation(),
        differences.greatest(),
        a.distribution(),
        b.distribution(),
        new Histogram(
            Arrays.stream(edges).boxed().toList(),
            list(a.wideCounts()),
            list(b.wideCounts()),
            a.below(),
            a.above(),
            b.below(),
            b.above()),
        Shift.stabilityIndex(a.counts(), a.count(), b.counts(), b.count()),
        Shift.kolmogorovSmirnov(a.counts(), a.count(), b.counts(), b.count()),
        series.points());
  }

  private static List<Long> list(long[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }
}
