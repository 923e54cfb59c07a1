package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the numbers of a column compare. Differences are B − A, over pairs of finite numbers; in a
 * column of lists every element is a number of its own.
 *
 * @param pairs of finite numbers
 * @param meanDifference the mean of B − A: how much B lies above A
 * @param meanAbsolute the mean of |B − A|
 * @param maxAbsolute the greatest |B − A|
 * @param meanRelative the mean of |B − A| / max(|A|, |B|), a difference of 0 counting as 0
 * @param maxRelative the greatest of them
 * @param rootMeanSquare the root of the mean of (B − A)²
 * @param correlation Pearson's; null where a side does not vary
 * @param greatest the greatest differences, greatest first; equal ones in order of time
 * @param a all numbers of A, with or without partner
 * @param b all numbers of B, with or without partner
 * @param histogram of both, with common bins
 * @param stabilityIndex the population stability index of B against A over A's deciles: Σ (b − a) ×
 *     ln(b / a) with the shares a and b of each bin (N. Siddiqi, Credit Risk Scorecards, Wiley
 *     2006; there below 0.1 is read as stable, above 0.25 as shifted). Each bin counts half a row
 *     more, so that an empty one does not make it infinite; null for fewer than 100 numbers on a
 *     side
 * @param kolmogorovSmirnov the greatest distance of the two distribution functions, 0 to 1; exact
 *     up to some thousand values, else good to one or two thousandths
 * @param series both results in time
 */
public record NumberComparison(
    long pairs,
    @Nullable Double meanDifference,
    @Nullable Double meanAbsolute,
    @Nullable Double maxAbsolute,
    @Nullable Double meanRelative,
    @Nullable Double maxRelative,
    @Nullable Double rootMeanSquare,
    @Nullable Double correlation,
    List<Difference> greatest,
    Distribution a,
    Distribution b,
    Histogram histogram,
    @Nullable Double stabilityIndex,
    @Nullable Double kolmogorovSmirnov,
    List<Point> series) {

  /** Copies the lists. */
  public NumberComparison {
    greatest = List.copyOf(greatest);
    series = List.copyOf(series);
  }

  /**
   * One pair of numbers.
   *
   * @param time the key of the row
   * @param a in A
   * @param b in B
   * @param difference B − A
   */
  public record Difference(@Nullable Instant time, double a, double b, double difference) {}

  /**
   * How the numbers of one side are distributed. Quantiles are interpolated between ranks as numpy
   * does by default; exact up to some thousand values, else good to a few thousandths of the rank.
   *
   * @param count finite numbers
   * @param missing rows without a value
   * @param notFinite NaN and infinite numbers
   * @param deviation the standard deviation of a sample (n − 1)
   */
  public record Distribution(
      long count,
      long missing,
      long notFinite,
      @Nullable Double mean,
      @Nullable Double deviation,
      @Nullable Double min,
      @Nullable Double p1,
      @Nullable Double p5,
      @Nullable Double p25,
      @Nullable Double p50,
      @Nullable Double p75,
      @Nullable Double p95,
      @Nullable Double p99,
      @Nullable Double max) {}

  /**
   * Counts by bin. A bin reaches from its edge up to, but not including, the next edge; there is
   * one edge more than bins. Few far values lie outside and are counted apart.
   *
   * @param edges in rising order; empty when there are no finite numbers
   * @param a numbers of A in each bin
   * @param b numbers of B in each bin
   * @param belowA numbers of A below the first edge
   * @param aboveA numbers of A from the last edge on
   * @param belowB numbers of B below the first edge
   * @param aboveB numbers of B from the last edge on
   */
  public record Histogram(
      List<Double> edges,
      List<Long> a,
      List<Long> b,
      long belowA,
      long aboveA,
      long belowB,
      long aboveB) {
    /** Copies the lists. */
    public Histogram {
      edges = List.copyOf(edges);
      a = List.copyOf(a);
      b = List.copyOf(b);
    }
  }

  /**
   * A short stretch of time; stretches without rows are left out.
   *
   * @param time its middle
   * @param a numbers of A, or null if there are none
   * @param b numbers of B, or null if there are none
   * @param difference the greatest |B − A|, or null if there is no pair
   */
  public record Point(
      Instant time, @Nullable Band a, @Nullable Band b, @Nullable Double difference) {}

  /**
   * The numbers of one side in a stretch of time.
   *
   * @param min the least
   * @param mean their mean
   * @param max the greatest
   */
  public record Band(double min, double mean, double max) {}
}
