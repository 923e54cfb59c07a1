package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import kr.madang.engine.compare.NumberComparison.Distribution;
import org.junit.jupiter.api.Test;

/** Distributions of more numbers than are kept. */
class DistributionTest {
  private static final int MANY = 200_000;

  private record Both(Scan scan, Spread a, Spread b) {
    Double kolmogorovSmirnov() {
      return Shift.kolmogorovSmirnov(a.counts(), a.count(), b.counts(), b.count());
    }

    Double stabilityIndex() {
      return Shift.stabilityIndex(a.counts(), a.count(), b.counts(), b.count());
    }
  }

  private static Both spread(double[] a, double[] b) {
    Scan scan = new Scan(2048);
    Arrays.stream(a).forEach(value -> scan.add(true, value));
    Arrays.stream(b).forEach(value -> scan.add(false, value));
    Spread ofA = new Spread(scan.narrowBins(), scan.wideBins(40));
    Spread ofB = new Spread(scan.narrowBins(), scan.wideBins(40));
    Arrays.stream(a).forEach(ofA::add);
    Arrays.stream(b).forEach(ofB::add);
    return new Both(scan, ofA, ofB);
  }

  private static double[] draw(int count, long seed, ToDoubleFunction<Random> shape) {
    Random random = new Random(seed);
    double[] values = new double[count];
    Arrays.setAll(values, i -> shape.applyAsDouble(random));
    return values;
  }

  @Test
  void quantilesOfManyNumbersAreGoodToAFewThousandthsOfTheRank() {
    double[] heavy = draw(MANY, 1, random -> Math.exp(3 * random.nextGaussian()));
    double[] trend = new double[MANY];
    Arrays.setAll(trend, i -> i * 0.001 + Math.sin(i));

    for (double[] values : new double[][] {heavy, trend}) {
      Distribution found = spread(values, draw(10, 3, Random::nextGaussian)).a().distribution();
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      assertRank(sorted, found.p1(), 0.01);
      assertRank(sorted, found.p25(), 0.25);
      assertRank(sorted, found.p50(), 0.50);
      assertRank(sorted, found.p99(), 0.99);
    }
  }

  private static void assertRank(double[] sorted, double value, double share) {
    int at = Arrays.binarySearch(sorted, value);
    double rank = (double) (at < 0 ? -at - 1 : at) / sorted.length;
    assertThat(rank).isCloseTo(share, within(0.002));
  }

  @Test
  void theDistanceOfTwoDistributionsIsGoodToTwoThousandths() {
    double[] a = draw(MANY, 1, random -> random.nextDouble());
    double[] b = draw(MANY, 2, random -> random.nextDouble() + 0.1);

    double exact = 0;
    for (int i = 0; i <= 110; i++) {
      double x = i / 100.0;
      exact = Math.max(exact, Math.abs(share(a, x) - share(b, x)));
    }

    assertThat(spread(a, b).kolmogorovSmirnov()).isCloseTo(exact, within(0.003));
    assertThat(spread(a, a).kolmogorovSmirnov()).isZero();
  }

  private static double share(double[] values, double upTo) {
    return (double) Arrays.stream(values).filter(v -> v <= upTo).count() / values.length;
  }

  @Test
  void theStabilityIndexOfTheSameNumbersIsZeroAndOfShiftedOnesGreat() {
    double[] a = draw(MANY, 1, Random::nextGaussian);
    double[] alike = draw(MANY, 2, Random::nextGaussian);
    double[] shifted = draw(MANY, 3, random -> random.nextGaussian() + 1);

    assertThat(spread(a, a).stabilityIndex()).isZero();
    assertThat(spread(a, alike).stabilityIndex()).isLessThan(0.001);
    // Of two normal distributions one deviation apart it is 1 without bins; deciles lose a little.
    assertThat(spread(a, shifted).stabilityIndex()).isBetween(0.85, 1.0);
  }

  /**
   * Half of A below, half above; a quarter of B below: (1/4 − 1/2) ln(1/2) + (3/4 − 1/2) ln(3/2).
   */
  @Test
  void theStabilityIndexIsTheSumOverTheBins() {
    double[] a = draw(MANY, 1, random -> random.nextInt(2));
    double[] b = draw(MANY, 2, random -> random.nextInt(4) == 0 ? 0 : 1);

    assertThat(spread(a, b).stabilityIndex())
        .isCloseTo(0.25 * Math.log(2) + 0.25 * Math.log(1.5), within(0.01));
  }

  @Test
  void theStabilityIndexOfAFewNumbersIsNotTold() {
    assertThat(spread(new double[] {1, 2}, new double[] {3}).stabilityIndex()).isNull();
  }

  @Test
  void histogramsHaveRoundEdgesAndCountEveryNumberOnce() {
    double[] a = draw(10_000, 1, Random::nextGaussian);
    Both both = spread(a, a);
    double[] edges = both.scan().wideBins(40);

    assertThat(edges.length).isBetween(20, 45);
    assertThat(edges[1] - edges[0]).isCloseTo(0.2, within(1e-9));
    assertThat(Arrays.stream(both.a().wideCounts()).sum() + both.a().below() + both.a().above())
        .isEqualTo(10_000);
    for (int i = 0; i + 1 < edges.length; i++) {
      double from = edges[i];
      double to = edges[i + 1];
      assertThat(both.a().wideCounts()[i])
          .isEqualTo(Arrays.stream(a).filter(v -> v >= from && v < to).count());
    }
  }

  @Test
  void aFewFarValuesDoNotSqueezeTheHistogram() {
    double[] a = draw(10_000, 1, Random::nextGaussian);
    a[17] = 1e9;

    Both both = spread(a, a);

    assertThat(both.scan().wideBins(40)[both.scan().wideBins(40).length - 1]).isLessThan(10);
    assertThat(both.a().above()).isPositive();
  }

  @Test
  void aColumnThatNeverChangesHasAHistogramToo() {
    double[] a = new double[200];
    Arrays.fill(a, 5.5);

    Both both = spread(a, a);

    assertThat(Arrays.stream(both.a().wideCounts()).sum()).isEqualTo(200);
    assertThat(both.a().distribution().p99()).isEqualTo(5.5);
    assertThat(both.a().distribution().deviation()).isZero();
    assertThat(both.stabilityIndex()).isZero();
  }

  @Test
  void countsOfThingsHaveBinsOfWholeNumbers() {
    double[] a = draw(1_000, 1, random -> random.nextInt(7));

    assertThat(spread(a, a).scan().wideBins(40)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }
}
