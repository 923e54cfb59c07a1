package kr.madang.engine.compare;

import java.util.Arrays;
import kr.madang.engine.compare.NumberComparison.Distribution;
import org.jspecify.annotations.Nullable;

/** How the numbers of one side lie: moments, and counts in given narrow and wide bins. */
final class Spread {
  private final double[] narrow;
  private final double[] wide;
  private final long[] counts;
  private final double[] least;
  private final double[] greatest;
  private final long[] wideCounts;
  private long below;
  private long above;
  private long count;
  private long missing;
  private long notFinite;
  private double mean;
  private double squares;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /**
   * An empty one.
   *
   * @param narrow lower edges of bins, see {@link Scan#narrowBins}
   * @param wide edges of bins, see {@link Scan#wideBins}
   */
  Spread(double[] narrow, double[] wide) {
    this.narrow = narrow;
    this.wide = wide;
    counts = new long[narrow.length];
    least = new double[narrow.length];
    greatest = new double[narrow.length];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
    wideCounts = new long[Math.max(0, wide.length - 1)];
  }

  void missing() {
    missing++;
  }

  void add(double value) {
    if (!Double.isFinite(value)) {
      notFinite++;
      return;
    }
    count++;
    double off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
    min = Math.min(min, value);
    max = Math.max(max, value);
    int found = Arrays.binarySearch(narrow, value + 0.0);
    int bin = Math.max(0, found >= 0 ? found : -found - 2);
    counts[bin]++;
    least[bin] = Math.min(least[bin], value);
    greatest[bin] = Math.max(greatest[bin], value);
    addWide(value);
  }

  private void addWide(double value) {
    int bins = wideCounts.length;
    if (bins == 0) {
      return;
    }
    if (value < wide[0]) {
      below++;
    } else if (value >= wide[bins]) {
      above++;
    } else {
      int bin = Math.min(bins - 1, (int) ((value - wide[0]) / (wide[bins] - wide[0]) * bins));
      if (value < wide[bin]) {
        bin--;
      } else if (value >= wide[bin + 1]) {
        bin++;
      }
      wideCounts[bin]++;
    }
  }

  /** Whether there were no numbers, not even NaN. */
  boolean isEmpty() {
    return count + notFinite == 0;
  }

  long count() {
    return count;
  }

  /** Numbers in each narrow bin. */
  long[] counts() {
    return counts;
  }

  long[] wideCounts() {
    return wideCounts;
  }

  long below() {
    return below;
  }

  long above() {
    return above;
  }

  Distribution distribution() {
    return new Distribution(
        count,
        missing,
        notFinite,
        count == 0 ? null : Figures.finite(mean),
        count < 2 ? null : Figures.finite(Math.sqrt(squares / (count - 1))),
        count == 0 ? null : (Double) min,
        quantile(0.01),
        quantile(0.05),
        quantile(0.25),
        quantile(0.50),
        quantile(0.75),
        quantile(0.95),
        quantile(0.99),
        count == 0 ? null : (Double) max);
  }

  private @Nullable Double quantile(double share) {
    if (count == 0) {
      return null;
    }
    double rank = share * (count - 1);
    long lower = (long) rank;
    double from = ranked(lower);
    double to = lower + 1 < count ? ranked(lower + 1) : from;
    return between(from, to, rank - lower);
  }

  /** The number of a rank; within a bin numbers are taken to be equally far apart. */
  private double ranked(long rank) {
    long before = 0;
    int bin = 0;
    while (before + counts[bin] <= rank) {
      before += counts[bin++];
    }
    if (counts[bin] == 1) {
      return least[bin];
    }
    double share = (double) (rank - before) / (counts[bin] - 1);
    return between(least[bin], greatest[bin], share);
  }

  private static double between(double from, double to, double share) {
    return from == to ? from : from * (1 - share) + to * share;
  }
}
