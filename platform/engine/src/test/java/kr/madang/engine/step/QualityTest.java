package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.MS;
import static kr.madang.engine.step.Trial.T0;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import kr.madang.engine.step.AlignStep.Fill;
import kr.madang.engine.step.AlignStep.Point;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.engine.step.Trial.Sample;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** No result is Good unless all that it was computed from is, and nothing missing gets a value. */
class QualityTest {
  private static final Schema SCHEMA = Trial.schema("a", "b");

  private record Step<C>(TransformFactory<C> factory, C config) {
    Transform open(Schema in, FakeTransformContext context) throws Exception {
      return factory.open(config, in, context);
    }
  }

  /** One batch through several steps. */
  private static List<Map<String, @Nullable Object>> through(List<Frame> frames, Step<?>... steps)
      throws Exception {
    try (RootAllocator allocator = new RootAllocator(1L << 28)) {
      FakeTransformContext context = new FakeTransformContext(allocator);
      List<Batch> batches = new ArrayList<>(List.of(Trial.frames(allocator, SCHEMA, frames)));
      Schema schema = SCHEMA;
      for (Step<?> step : steps) {
        try (Transform transform = step.open(schema, context);
            CollectedOutput out = new CollectedOutput()) {
          for (Batch batch : batches) {
            transform.apply(batch, out);
            batch.close();
          }
          batches.clear();
          out.batches().forEach(batch -> batches.add(batch.retain()));
          schema = transform.schema();
        }
      }
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      batches.forEach(batch -> rows.addAll(kr.madang.sdk.testkit.Rows.of(batch)));
      batches.forEach(Batch::close);
      return rows;
    }
  }

  /** Good, Uncertain and Bad values, and now and then NaN that claims to be Good. */
  private static List<Frame> frames(long seed, int rows) {
    Random random = new Random(seed);
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      List<@Nullable Double> values = new ArrayList<>();
      List<Integer> statuses = new ArrayList<>();
      for (int field = 0; field < 2; field++) {
        int kind = random.nextInt(12);
        values.add(kind == 0 ? null : kind == 1 ? (Double) Double.NaN : (Double) (double) i);
        statuses.add(
            kind == 0 ? Quality.BAD_TIMEOUT : kind == 2 ? Quality.UNCERTAIN : Quality.GOOD);
      }
      frames.add(new Frame(T0 + i * MS, values, statuses));
    }
    return frames;
  }

  /** How good a value is, where NaN counts as missing: 0 Good, 1 Uncertain, 2 Bad. */
  private static int grade(Frame frame, int field) {
    Double value = frame.values().get(field);
    return value == null || value.isNaN() ? 2 : frame.statuses().get(field) >>> 30;
  }

  private static int grade(Map<String, @Nullable Object> row, String field) {
    return Math.min(2, (Integer) row.get(Frames.status(field)) >>> 30);
  }

  private static int worst(List<Frame> frames, int field) {
    return frames.stream().mapToInt(frame -> grade(frame, field)).max().orElseThrow();
  }

  @Property(tries = 60)
  void windowsAndWhatIsComputedFromThemAreAsGoodAsTheirWorstFrame(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int length,
      @ForAll @IntRange(min = 1, max = 6) int hop,
      @ForAll boolean skipMissing)
      throws Exception {
    List<Frame> frames = frames(seed, 40);
    Step<?> window =
        new Step<>(
            new WindowStep(),
            new WindowStep.Config(
                length,
                Optional.of(hop),
                List.of(),
                Optional.empty(),
                WindowStep.Layout.TIME,
                Optional.empty()));
    Step<?> mean =
        new Step<>(
            new AggregateStep(Aggregate.MEAN),
            new AggregateStep.Config(List.of(), Optional.of("{field}Mean"), skipMissing));
    Step<?> derive =
        new Step<>(new DeriveStep(), new DeriveStep.Config(Map.of("both", "aMean + bMean")));
    List<Map<String, @Nullable Object>> rows = through(frames, window, mean, derive);
    assertThat(rows).hasSize((40 - length) / hop + 1);
    for (int w = 0; w < rows.size(); w++) {
      List<Frame> part = frames.subList(w * hop, w * hop + length);
      Map<String, @Nullable Object> row = rows.get(w);
      int means = 0;
      for (int field = 0; field < 2; field++) {
        String name = field == 0 ? "a" : "b";
        int at = field;
        int wanted = worst(part, field);
        assertThat(grade(row, name)).isEqualTo(wanted);
        boolean some = part.stream().anyMatch(frame -> grade(frame, at) < 2);
        int ofMean = wanted == 2 && skipMissing && some ? 1 : wanted;
        assertThat(grade(row, name + "Mean")).isEqualTo(ofMean);
        assertThat(row.get(name + "Mean") == null).isEqualTo(ofMean == 2);
        means = Math.max(means, ofMean);
      }
      assertThat(grade(row, "both")).isEqualTo(means);
      assertThat(row.get("both") == null).isEqualTo(means == 2);
    }
  }

  @Property(tries = 60)
  void whatIsComputedFromARowIsAsGoodAsItsWorstField(@ForAll long seed) throws Exception {
    List<Frame> frames = frames(seed, 40);
    Step<?> scale =
        new Step<>(
            new ScaleStep(),
            new ScaleStep.Config(Map.of("a", new ScaleStep.Standard(1, 2)), 0, List.of()));
    Step<?> derive = new Step<>(new DeriveStep(), new DeriveStep.Config(Map.of("both", "a + b")));
    List<Map<String, @Nullable Object>> rows = through(frames, scale, derive);
    for (int i = 0; i < frames.size(); i++) {
      int wanted = Math.max(grade(frames.get(i), 0), grade(frames.get(i), 1));
      assertThat(grade(rows.get(i), "both")).isEqualTo(wanted);
      assertThat(rows.get(i).get("both") == null).isEqualTo(wanted == 2);
      assertThat(rows.get(i).get("a#status")).isEqualTo(frames.get(i).statuses().get(0));
      assertThat(rows.get(i).get("a") == null).isEqualTo(frames.get(i).values().get(0) == null);
    }
    Step<?> where = new Step<>(new WhereStep(), new WhereStep.Config("a > -1.0"));
    assertThat(through(frames, where))
        .hasSize((int) frames.stream().filter(frame -> grade(frame, 0) < 2).count());
  }

  private static List<Sample> samples(long seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    long time = T0;
    for (int i = 0; i < 80; i++) {
      time += (1 + random.nextInt(12)) * 10 * MS;
      int kind = random.nextInt(6);
      int status = kind == 0 ? Quality.BAD_TIMEOUT : kind == 1 ? Quality.UNCERTAIN : Quality.GOOD;
      samples.add(new Sample("t/a", time, kind == 0 ? null : (Double) (double) i, status));
    }
    return samples;
  }

  @Property(tries = 60)
  void aFrameIsGoodOnlyIfTheSamplesThatMadeItAre(@ForAll long seed) {
    List<Sample> samples = samples(seed);
    Map<String, Point> fields = new LinkedHashMap<>();
    for (Fill fill : Fill.values()) {
      Optional<Duration> maxAge = Optional.of(Duration.ofSeconds(1));
      fields.put(fill.name(), new Point("t/a", fill, maxAge));
    }
    AlignStep.Config config =
        new AlignStep.Config(
            Duration.ofMillis(100),
            fields,
            Duration.ZERO,
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            false,
            65536);
    var got =
        Trial.run(new AlignStep(), config, Samples.SCHEMA, samples, Trial::samples, List.of(), -1);
    for (Map<String, @Nullable Object> row : got.rows()) {
      long time = (Long) row.get(Frames.TIME);
      Sample before = last(samples, sample -> sample.time() <= time);
      Sample after = first(samples, sample -> sample.time() >= time);
      boolean nearer = after == null || time - before.time() <= after.time() - time;
      check(row, Fill.HOLD, before, before);
      check(row, Fill.NEAREST, nearer ? before : after, before);
      if (after != null) {
        check(row, Fill.LINEAR, before, after);
      }
    }
  }

  private static void check(
      Map<String, @Nullable Object> row, Fill fill, Sample one, Sample other) {
    int worst = Math.max(one.status() >>> 30, fill == Fill.LINEAR ? other.status() >>> 30 : 0);
    assertThat(grade(row, fill.name())).as("%s %s", fill, row).isEqualTo(worst);
    assertThat(row.get(fill.name()) == null).isEqualTo(worst == 2);
  }

  private static Sample last(List<Sample> samples, Predicate<Sample> which) {
    return samples.stream().filter(which).reduce((_, second) -> second).orElseThrow();
  }

  private static @Nullable Sample first(List<Sample> samples, Predicate<Sample> which) {
    return samples.stream().filter(which).findFirst().orElse(null);
  }
}
