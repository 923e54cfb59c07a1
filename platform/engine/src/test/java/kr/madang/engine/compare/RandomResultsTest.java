package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import kr.madang.engine.compare.NumberComparison.Distribution;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/** Compares with the plain way to count, on random results in real files. */
class RandomResultsTest {
  private static final double TOLERANCE = 0.25;

  private record Value(@Nullable Double number, int status) {}

  @Property(tries = 50)
  void everyChangeIsFoundCountedAndMeasured(@ForAll Random random) throws IOException {
    TreeMap<Integer, Value> a = new TreeMap<>();
    TreeMap<Integer, Value> b = new TreeMap<>();
    int rows = random.nextInt(600);
    for (int i = 0; i < rows; i++) {
      Value value = value(random);
      a.put(i, value);
      switch (random.nextInt(12)) {
        case 0 -> a.remove(i);
        case 1 -> {}
        case 2 -> b.put(i, value(random));
        case 3 -> b.put(i, new Value(value.number, Quality.BAD_TIMEOUT));
        case 4 -> b.put(i, shifted(value, random.nextGaussian() / 4));
        default -> b.put(i, value);
      }
      if (!a.containsKey(i)) {
        b.put(i, value);
      }
    }

    Comparison comparison = compare(a, b);

    check(comparison.sinks().getFirst(), a, b);
  }

  private static Value value(Random random) {
    Double number =
        switch (random.nextInt(20)) {
          case 0 -> null;
          case 1 -> Double.NaN;
          case 2 -> Double.POSITIVE_INFINITY;
          case 3 -> -0.0;
          case 4 -> 0.0;
          default -> (double) Math.round(random.nextGaussian() * 1_000) / 100;
        };
    return new Value(number, random.nextInt(10) == 0 ? Quality.UNCERTAIN : Quality.GOOD);
  }

  private static Value shifted(Value value, double by) {
    return value.number == null ? value : new Value(value.number + by, value.status);
  }

  private static Comparison compare(Map<Integer, Value> a, Map<Integer, Value> b)
      throws IOException {
    Path folder = Files.createTempDirectory("compare");
    try (RootAllocator allocator = new RootAllocator()) {
      ResultFolder ofA = write(new Results(folder.resolve("a"), allocator), a);
      ResultFolder ofB = write(new Results(folder.resolve("b"), allocator).asStream(), b);
      return new Comparer(allocator)
          .compare(ofA, ofB, CompareOptions.DEFAULT.withTolerance(new Tolerance(TOLERANCE, 0)));
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted((x, y) -> y.compareTo(x)).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static ResultFolder write(Results results, Map<Integer, Value> values) {
    return results
        .frames(
            "scores",
            List.of(Frames.field("score", Frames.DOUBLE, "", "")),
            rows ->
                values.forEach((at, value) -> {
                  var row = rows.at(at);
                  if (value.number == null) {
                    row.missing(0, value.status);
                  } else {
                    row.set(0, value.number, value.status);
                  }
                }))
        .folder();
  }

  private static void check(SinkComparison sink, Map<Integer, Value> a, Map<Integer, Value> b) {
    long equal = 0;
    long within = 0;
    long beyond = 0;
    long statuses = 0;
    long good = 0;
    List<Double> differences = new ArrayList<>();
    List<double[]> pairs = new ArrayList<>();
    for (var entry : a.entrySet()) {
      Value of = entry.getValue();
      Value with = b.get(entry.getKey());
      if (with == null) {
        continue;
      }
      int how = agreement(of.number, with.number);
      equal += how == 0 ? 1 : 0;
      within += how == 1 ? 1 : 0;
      beyond += how == 2 ? 1 : 0;
      boolean sameStatus = of.status == with.status;
      statuses += sameStatus ? 0 : 1;
      good += sameStatus && how < 2 ? 1 : 0;
      if (of.number != null
          && with.number != null
          && Double.isFinite(of.number)
          && Double.isFinite(with.number)) {
        differences.add(with.number - of.number);
        pairs.add(new double[] {of.number, with.number});
      }
    }
    long both = equal + within + beyond;
    assertThat(sink.rows().both()).isEqualTo(both);
    assertThat(sink.rows().onlyA()).isEqualTo(a.size() - both);
    assertThat(sink.rows().onlyB()).isEqualTo(b.size() - both);
    assertThat(sink.rows().equal() + sink.rows().within()).isEqualTo(good);
    ColumnComparison column = sink.columns().getFirst();
    assertThat(column.equal()).isEqualTo(equal);
    assertThat(column.within()).isEqualTo(within);
    assertThat(column.beyond()).isEqualTo(beyond);
    assertThat(column.statuses().differ()).isEqualTo(statuses);
    NumberComparison numbers = column.numbers();
    if (numbers == null) {
      return;
    }
    assertThat(numbers.pairs()).isEqualTo(differences.size());
    if (!differences.isEmpty()) {
      double squares = differences.stream().mapToDouble(d -> d * d).average().getAsDouble();
      assertThat(numbers.rootMeanSquare()).isCloseTo(Math.sqrt(squares), within(1e-9));
      assertThat(numbers.maxAbsolute())
          .isEqualTo(differences.stream().mapToDouble(Math::abs).max().getAsDouble());
      assertThat(numbers.meanDifference())
          .isCloseTo(
              differences.stream().mapToDouble(d -> d).average().getAsDouble(), within(1e-9));
    }
    if (numbers.correlation() != null) {
      assertThat(numbers.correlation()).isCloseTo(correlation(pairs), within(1e-9));
    }
    double[] ofA = finite(a);
    double[] ofB = finite(b);
    distribution(numbers.a(), ofA);
    distribution(numbers.b(), ofB);
    if (ofA.length > 0 && ofB.length > 0) {
      assertThat(numbers.kolmogorovSmirnov()).isCloseTo(distance(ofA, ofB), within(1e-12));
    }
    var histogram = numbers.histogram();
    assertThat(histogram.a().stream().mapToLong(n -> n).sum())
        .isEqualTo(ofA.length - histogram.belowA() - histogram.aboveA());
  }

  /** 0 equal bit for bit, 1 within tolerance, 2 beyond. */
  private static int agreement(@Nullable Double a, @Nullable Double b) {
    if (a == null || b == null) {
      return a == b ? 0 : 2;
    }
    if (a.equals(b)) {
      return 0;
    }
    return Math.abs(a - b) <= TOLERANCE ? 1 : 2;
  }

  private static double[] finite(Map<Integer, Value> values) {
    return values.values().stream()
        .filter(value -> value.number != null && Double.isFinite(value.number))
        .mapToDouble(value -> value.number + 0.0)
        .sorted()
        .toArray();
  }

  private static void distribution(Distribution distribution, double[] sorted) {
    assertThat(distribution.count()).isEqualTo(sorted.length);
    if (sorted.length == 0) {
      assertThat(distribution.p50()).isNull();
      return;
    }
    double mean = Arrays.stream(sorted).average().getAsDouble();
    assertThat(distribution.mean()).isCloseTo(mean, within(1e-9));
    assertThat(distribution.min()).isEqualTo(sorted[0]);
    assertThat(distribution.max()).isEqualTo(sorted[sorted.length - 1]);
    assertThat(distribution.p1()).isCloseTo(quantile(sorted, 0.01), within(1e-9));
    assertThat(distribution.p25()).isCloseTo(quantile(sorted, 0.25), within(1e-9));
    assertThat(distribution.p50()).isCloseTo(quantile(sorted, 0.50), within(1e-9));
    assertThat(distribution.p99()).isCloseTo(quantile(sorted, 0.99), within(1e-9));
    if (sorted.length > 1) {
      double squares = Arrays.stream(sorted).map(v -> (v - mean) * (v - mean)).sum();
      assertThat(distribution.deviation())
          .isCloseTo(Math.sqrt(squares / (sorted.length - 1)), within(1e-9));
    }
  }

  private static double quantile(double[] sorted, double share) {
    double rank = share * (sorted.length - 1);
    int lower = (int) rank;
    int upper = Math.min(lower + 1, sorted.length - 1);
    return sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - lower);
  }

  private static double distance(double[] a, double[] b) {
    double greatest = 0;
    for (double[] side : new double[][] {a, b}) {
      for (double x : side) {
        greatest = Math.max(greatest, Math.abs(share(a, x) - share(b, x)));
      }
    }
    return greatest;
  }

  private static double share(double[] sorted, double upTo) {
    return (double) Arrays.stream(sorted).filter(v -> v <= upTo).count() / sorted.length;
  }

  private static double correlation(List<double[]> pairs) {
    double meanA = pairs.stream().mapToDouble(p -> p[0]).average().getAsDouble();
    double meanB = pairs.stream().mapToDouble(p -> p[1]).average().getAsDouble();
    double products = pairs.stream().mapToDouble(p -> (p[0] - meanA) * (p[1] - meanB)).sum();
    double a = pairs.stream().mapToDouble(p -> (p[0] - meanA) * (p[0] - meanA)).sum();
    double b = pairs.stream().mapToDouble(p -> (p[1] - meanB) * (p[1] - meanB)).sum();
    return products / Math.sqrt(a * b);
  }
}
