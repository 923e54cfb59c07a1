package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kr.madang.inference.Baseline.Side;
import kr.madang.inference.Columns.Column;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class StabilityTest {
  private static final long SECOND = 1_000_000_000;

  /** By the book: shares of both, an empty one as 0.0001. */
  private static double plain(List<Double> edges, List<Double> expected, List<Double> values) {
    double sum = 0;
    for (int bin = 0; bin <= edges.size(); bin++) {
      double low = bin == 0 ? Double.NEGATIVE_INFINITY : edges.get(bin - 1);
      double high = bin == edges.size() ? Double.POSITIVE_INFINITY : edges.get(bin);
      double seen =
          values.stream().filter(v -> v > low && v <= high).count() / (double) values.size();
      double actual = Math.max(0.0001, seen);
      double usual = Math.max(0.0001, expected.get(bin));
      sum += (actual - usual) * Math.log(actual / usual);
    }
    return sum;
  }

  @Property(tries = 200)
  void whatIsSeenInTensorsIsWhatThePlainFormulaSays(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 16) int rows,
      @ForAll @IntRange(min = 1, max = 5) int columns,
      @ForAll @IntRange(min = 1, max = 9) int count) {
    Random random = new Random(seed);
    double mean = random.nextGaussian();
    double deviation = 0.1 + random.nextDouble();
    List<Column> all = new ArrayList<>();
    for (int c = 0; c < columns; c++) {
      all.add(new Column(Side.INPUT, "f", "f", 0, columns, c, 1, 1, mean, deviation));
    }
    double[] sample = random.doubles(50 + random.nextInt(400)).map(v -> v * v * 10).toArray();
    double[] inTensor = Arrays.stream(sample).map(all.getFirst()::inTensor).toArray();
    Baseline.Column baseline = Reference.baseline(all.getFirst(), inTensor, sample.length, 0.0);
    assertThat(baseline.edges()).hasSizeBetween(1, 9);
    Bins bins = Bins.of(all.getFirst(), baseline);

    Sightings sightings = new Sightings(all, SECOND);
    sightings.at(0);
    List<List<Double>> seen = new ArrayList<>();
    all.forEach(_ -> seen.add(new ArrayList<>()));
    long missing = 0;
    long outside = 0;
    var memory = Memory.direct(rows * columns * 4);
    for (int batch = 0; batch < count; batch++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          boolean gone = random.nextInt(10) == 0;
          float value = gone ? Float.NaN : (float) all.get(c).inTensor(random.nextDouble() * 15);
          memory.putFloat((r * columns + c) * 4, value);
          if (!gone) {
            seen.get(c).add((double) value);
          }
          missing += gone && c == 0 ? 1 : 0;
          boolean beyond =
              value < all.get(c).inTensor(baseline.low())
                  || value > all.get(c).inTensor(baseline.high());
          outside += beyond && c == 0 ? 1 : 0;
        }
      }
      long base = java.lang.foreign.MemorySegment.ofBuffer(memory).address();
      for (int c = 0; c < columns; c++) {
        sightings.look(c, bins, ElementType.FLOAT32, base, rows);
      }
    }
    List<Double> edges = baseline.edges().stream().map(all.getFirst()::inTensor).toList();
    for (int c = 0; c < columns; c++) {
      Sightings.Sum sum = sightings.sum(c);
      assertThat(sum.values()).isEqualTo(seen.get(c).size());
      if (sum.values() > 0) {
        assertThat(bins.index(sum))
            .isCloseTo(plain(edges, baseline.shares(), seen.get(c)), within(1e-9));
      }
    }
    assertThat(sightings.sum(0).missing()).isEqualTo(missing);
    assertThat(sightings.sum(0).outside()).isEqualTo(outside);
  }

  @Property(tries = 200)
  void binsOfAnyValuesHoldThemAllAndTheIndexOfTheSameValuesIsNought(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 500) int count,
      @ForAll @IntRange(min = 1, max = 40) int distinct) {
    Random random = new Random(seed);
    double[] values = random.ints(count, 0, distinct).asDoubleStream().toArray();
    Column column = new Column(Side.OUTPUT, "y", "y", 0, 1, 0, 1, 1, 0, 1);
    Baseline.Column made = Reference.baseline(column, values, count, 0);
    long[] counts = new long[Baseline.BINS];
    Bins bins = Bins.of(column, made);
    for (double value : values) {
      counts[bins.of(value)]++;
      assertThat(bins.outside(value)).isFalse();
    }
    assertThat(Arrays.stream(counts).sum()).isEqualTo(count);
    double[] shares = made.shares().stream().mapToDouble(Double::doubleValue).toArray();
    assertThat(Stability.index(shares, counts, 0)).isCloseTo(0, within(1e-12));
  }

  @Test
  void whatIsOlderThanTheWindowIsForgottenSliceBySlice() {
    Column column = new Column(Side.INPUT, "f", "f", 0, 1, 0, 1, 1, 0, 1);
    Bins bins = Bins.learnt(new double[] {0});
    Sightings sightings = new Sightings(List.of(column), 30_000);
    var memory = Memory.direct(4);
    long base = java.lang.foreign.MemorySegment.ofBuffer(memory).address();
    for (int slice = 0; slice < 100; slice++) {
      sightings.at(slice * 1_000L + 17);
      sightings.look(0, bins, ElementType.FLOAT32, base, 1);
      assertThat(sightings.sum(0).values()).isEqualTo(Math.min(30, slice + 1));
    }
    sightings.at(110_000);
    assertThat(sightings.sum(0).values()).isEqualTo(19);
    sightings.at(1_000_000);
    assertThat(sightings.sum(0).values()).isZero();
    assertThat(sightings.sum(0).low()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void ofALargeBatchSoManyRowsCountForTheOthers() {
    Column column = new Column(Side.INPUT, "f", "f", 0, 1, 0, 1, 1, 0, 1);
    Bins bins = Bins.learnt(new double[] {-0.5, 0.5});
    Sightings sightings = new Sightings(List.of(column), 1_000);
    var memory = Memory.direct(4 * 1_000);
    Random random = new Random(5);
    long base = java.lang.foreign.MemorySegment.ofBuffer(memory).address();
    for (int batch = 0; batch < 200; batch++) {
      for (int r = 0; r < 1_000; r++) {
        memory.putFloat(r * 4, (float) random.nextGaussian());
      }
      sightings.at(0);
      sightings.look(0, bins, ElementType.FLOAT32, base, 1_000);
    }
    Sightings.Sum sum = sightings.sum(0);
    assertThat(sum.sampled()).isBetween(200L * 15, 200L * 16);
    assertThat((double) sum.values()).isCloseTo(200_000, within(20_000.0));
    assertThat(sum.counts()[1] / (double) sum.values()).isCloseTo(0.383, within(0.03));
  }
}
