package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.MS;
import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.good;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import kr.madang.engine.step.AlignStep.Config;
import kr.madang.engine.step.AlignStep.Fill;
import kr.madang.engine.step.AlignStep.Point;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.engine.step.Trial.Sample;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AlignTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static Config config(long lateness, Map<String, Point> fields) {
    return new Config(
        Duration.ofMillis(100),
        fields,
        Duration.ofMillis(lateness),
        Duration.ofMinutes(1),
        Duration.ofHours(1),
        false,
        65536);
  }

  private static Map<String, Point> field(Fill fill, long maxAge) {
    return Map.of("a", new Point("t/a", fill, Optional.of(Duration.ofMillis(maxAge))));
  }

  private static Outcome run(Config config, List<Sample> samples) {
    return run(config, samples, List.of(), -1);
  }

  private static Outcome run(
      Config config, List<Sample> samples, List<Integer> sizes, int restart) {
    return Trial.run(
        new AlignStep(), config, Samples.SCHEMA, samples, Trial::samples, sizes, restart);
  }

  private static Sample a(long ms, double value) {
    return good("t/a", T0 + ms * MS, value);
  }

  private static Sample bad(long ms) {
    return new Sample("t/a", T0 + ms * MS, null, Quality.BAD_TIMEOUT);
  }

  @Test
  void linearFieldsLieOnTheLineBetweenTheirNeighbours() {
    Outcome got =
        run(config(0, field(Fill.LINEAR, 500)), List.of(a(0, 1), a(150, 4), a(250, 6), a(300, 7)));
    assertThat(got.column("a")).containsExactly(1.0, 3.0, 5.0, 7.0);
    assertThat(got.column(Frames.TIME))
        .containsExactly(T0, T0 + 100 * MS, T0 + 200 * MS, T0 + 300 * MS);
    assertThat(got.column("a#status")).containsOnly(Quality.GOOD);
  }

  @Test
  void theFirstFrameStandsAtTheFirstInstantAfterTheFirstSample() {
    Outcome got = run(config(0, field(Fill.HOLD, 500)), List.of(a(130, 1), a(310, 2)));
    assertThat(got.column(Frames.TIME)).containsExactly(T0 + 200 * MS, T0 + 300 * MS);
    assertThat(got.column("a")).containsExactly(1.0, 1.0);
  }

  @Test
  void aGapWiderThanMaxAgeIsNotBridged() {
    Outcome got = run(config(0, field(Fill.LINEAR, 150)), List.of(a(0, 1), a(200, 3), a(300, 4)));
    assertThat(got.column("a")).containsExactly(1.0, null, 3.0, 4.0);
    assertThat(got.column("a#status").get(1)).isEqualTo(Quality.BAD_NO_DATA);
  }

  @Test
  void aHeldValueGrowsOldAndABadSampleEndsIt() {
    Outcome old = run(config(0, field(Fill.HOLD, 150)), List.of(a(0, 1), a(300, 4)));
    assertThat(old.column("a")).containsExactly(1.0, 1.0, null, 4.0);
    assertThat(old.column("a#status").get(2)).isEqualTo(Quality.BAD_NO_DATA);

    Outcome ended = run(config(0, field(Fill.HOLD, 1500)), List.of(a(0, 1), bad(50), a(300, 4)));
    assertThat(ended.column("a")).containsExactly(1.0, null, null, 4.0);
    assertThat(ended.column("a#status").get(1)).isEqualTo(Quality.BAD_TIMEOUT);
  }

  @Test
  void nearestTakesTheNearerSampleAndTheEarlierOfTwoAsNear() {
    Outcome got =
        run(
            config(0, field(Fill.NEAREST, 60)),
            List.of(a(0, 1), a(60, 2), a(130, 3), a(150, 4), a(250, 5), a(390, 6), a(420, 7)));
    // 100: 130 is nearer than 60; 200: 150 and 250 are as near; 300: 250; 400: 390
    assertThat(got.column("a")).containsExactly(1.0, 3.0, 4.0, 5.0, 6.0);
  }

  @Test
  void anUncertainNeighbourMakesTheLineUncertain() {
    Outcome got =
        run(
            config(0, field(Fill.LINEAR, 500)),
            List.of(a(0, 1), new Sample("t/a", T0 + 150 * MS, 4.0, Quality.UNCERTAIN), a(200, 5)));
    assertThat(got.column("a")).containsExactly(1.0, 3.0, 5.0);
    assertThat(got.column("a#status"))
        .containsExactly(Quality.GOOD, Quality.UNCERTAIN, Quality.GOOD);
  }

  @Test
  void aTagThatNeverCameWaitsAndOthersAreFiltered() {
    Map<String, Point> fields = new LinkedHashMap<>();
    fields.put("a", new Point("t/a", Fill.HOLD, Optional.empty()));
    fields.put("b", new Point("t/b", Fill.HOLD, Optional.empty()));
    Outcome got =
        run(config(0, fields), List.of(a(0, 1), good("t/other", T0 + 50 * MS, 1), a(100, 2)));
    assertThat(got.column("b#status")).containsOnly(Quality.BAD_WAITING_FOR_INITIAL_DATA);
    assertThat(got.column("a")).containsExactly(1.0, 2.0);
    assertThat(got.filtered()).isEqualTo(1);
  }

  @Test
  void aSilentTagDoesNotBlockTheOthers() throws Exception {
    Map<String, Point> fields = new LinkedHashMap<>();
    fields.put("a", new Point("t/a", Fill.LINEAR, Optional.of(Duration.ofMillis(300))));
    fields.put("b", new Point("t/b", Fill.LINEAR, Optional.of(Duration.ofMillis(300))));
    List<Sample> samples = new ArrayList<>();
    samples.add(good("t/b", T0, 9));
    for (int i = 0; i < 1000; i++) {
      samples.add(a(i * 100, i));
    }
    try (CollectedOutput out = new CollectedOutput();
        Batch batch = Trial.samples(arrow.get(), samples);
        Transform step =
            new AlignStep()
                .open(config(0, fields), Samples.SCHEMA, new FakeTransformContext(arrow.get()))) {
      step.apply(batch, out);
      assertThat(out.rows()).hasSize(996);
      assertThat(out.rows().get(995)).containsEntry("a", 995.0).containsEntry("b", null);
      // 996 to 999 are not in a closed frame yet.
      assertThat(step.held()).isEqualTo(4);
    }
  }

  @Test
  void aRoundOfEqualTimesIsOneFrameAndClosedAtOnce() throws Exception {
    Map<String, Point> fields = new LinkedHashMap<>();
    fields.put("a", new Point("t/a", Fill.HOLD, Optional.empty()));
    fields.put("b", new Point("t/b", Fill.LINEAR, Optional.empty()));
    try (CollectedOutput out = new CollectedOutput();
        Batch batch =
            Trial.samples(
                arrow.get(),
                List.of(a(0, 1), good("t/b", T0, 2), a(100, 3), good("t/b", T0 + 100 * MS, 4)));
        Transform step =
            new AlignStep()
                .open(config(0, fields), Samples.SCHEMA, new FakeTransformContext(arrow.get()))) {
      step.apply(batch, out);
      assertThat(out.rows()).hasSize(2);
      assertThat(out.rows().get(1)).containsEntry("a", 3.0).containsEntry("b", 4.0);
      assertThat(step.held()).isZero();
    }
  }

  @Test
  void samplesOutOfOrderWithinTheLatenessCountAndLaterOnesAreDropped() {
    List<Sample> samples =
        List.of(a(0, 0), a(180, 18), a(90, 9), a(260, 26), a(400, 40), a(250, 25), a(50, 5));
    Outcome patient = run(config(200, field(Fill.HOLD, 500)), samples);
    assertThat(patient.column("a")).containsExactly(0.0, 9.0, 18.0, 26.0, 40.0);
    assertThat(patient.dropped()).containsExactly(Map.entry("late", 1L));
    Outcome hasty = run(config(0, field(Fill.HOLD, 500)), samples);
    assertThat(hasty.column("a")).containsExactly(0.0, 0.0, 18.0, 26.0, 40.0);
    assertThat(hasty.dropped()).containsExactly(Map.entry("late", 3L));
  }

  @Test
  void aDeviceThatClaimsTheFutureIsNotBelieved() throws Exception {
    try (CollectedOutput out = new CollectedOutput();
        SampleWriter writer = new SampleWriter(arrow.get());
        Transform step =
            new AlignStep()
                .open(
                    config(0, field(Fill.HOLD, 500)),
                    Samples.SCHEMA,
                    new FakeTransformContext(arrow.get()))) {
      int tag = writer.tag("t/a");
      for (int i = 0; i <= 3; i++) {
        writer.receivedAt(T0 + i * 100 * MS);
        writer.put(tag, i, Quality.GOOD, i == 2 ? T0 * 2 : T0 + i * 100 * MS);
      }
      try (Batch batch = writer.take()) {
        step.apply(batch, out);
      }
      assertThat(out.rows()).hasSize(4);
      assertThat(out.rows().get(2))
          .containsEntry("a", 2.0)
          .containsEntry("a#status", Quality.UNCERTAIN);
      assertThat(out.rows().get(3)).containsEntry("a#status", Quality.GOOD);
    }
  }

  @Test
  void aLongGapIsLeftOutAndAShortOneIsShown() {
    List<Sample> samples = new ArrayList<>(List.of(a(0, 1)));
    long year = 365L * 24 * 3600 * 1000;
    samples.add(a(year, 2));
    samples.add(a(year + 30_000, 3));
    Outcome got = run(config(0, field(Fill.LINEAR, 500)), samples);
    assertThat(got.rows()).hasSize(1 + 600 + 301);
    assertThat(got.column(Frames.TIME)).contains(T0 + year * MS, T0 + (year + 30_000) * MS);
  }

  @Test
  void whileADeviceIsAwayItsBadSamplesKeepFramesComing() {
    List<Sample> samples = new ArrayList<>(List.of(a(0, 1)));
    for (int i = 1; i <= 1000; i++) {
      samples.add(bad(i * 1000L));
    }
    Outcome got = run(config(0, field(Fill.LINEAR, 500)), samples);
    assertThat(got.rows()).hasSize(10_001);
    assertThat(got.column("a#status").getLast()).isEqualTo(Quality.BAD_TIMEOUT);
  }

  @Test
  void memoryIsBoundedByDroppingTheOldest() {
    Config config =
        new Config(
            Duration.ofSeconds(10),
            field(Fill.LINEAR, 100_000),
            Duration.ZERO,
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            false,
            16);
    List<Sample> samples = new ArrayList<>();
    samples.add(good("t/a", T0 - 1, 1));
    samples.add(good("t/a", T0, 1));
    List<Sample> ahead = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      ahead.add(a(10_000 + i, i));
    }
    Map<String, Point> fields = new LinkedHashMap<>(config.fields());
    fields.put("b", new Point("t/b", Fill.LINEAR, Optional.of(Duration.ofSeconds(100))));
    Config two =
        new Config(
            config.every(),
            fields,
            config.lateness(),
            config.maxGap(),
            config.maxAhead(),
            false,
            16);
    samples.addAll(ahead);
    Outcome got = run(two, samples);
    assertThat(got.dropped().get("overflow")).isEqualTo(25);
  }

  @Test
  void valuesThatAreNoNumbersAreBad() throws Exception {
    try (CollectedOutput out = new CollectedOutput();
        SampleWriter writer = new SampleWriter(arrow.get());
        Transform step =
            new AlignStep()
                .open(
                    config(0, field(Fill.HOLD, 500)),
                    Samples.SCHEMA,
                    new FakeTransformContext(arrow.get()))) {
      int tag = writer.tag("t/a");
      writer.putLong(tag, 7, Quality.GOOD, T0);
      writer.putText(tag, "on", Quality.GOOD, T0 + 100 * MS);
      writer.put(tag, Double.NaN, Quality.GOOD, T0 + 200 * MS);
      try (Batch batch = writer.take()) {
        step.apply(batch, out);
      }
      assertThat(out.rows().get(0)).containsEntry("a", 7.0);
      assertThat(out.rows().get(1)).containsEntry("a#status", Quality.BAD_TYPE_MISMATCH);
      assertThat(out.rows().get(2)).containsEntry("a#status", Quality.BAD_OUT_OF_RANGE);
    }
  }

  @Test
  void coverageIsTheShareOfFieldsWithAValue() {
    Map<String, Point> fields = new LinkedHashMap<>();
    fields.put("a", new Point("t/a", Fill.HOLD, Optional.empty()));
    fields.put("b", new Point("t/b", Fill.HOLD, Optional.empty()));
    Config config =
        new Config(
            Duration.ofMillis(100),
            fields,
            Duration.ZERO,
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            true,
            100);
    Outcome got = run(config, List.of(a(0, 1), a(100, 2), good("t/b", T0 + 100 * MS, 2)));
    assertThat(got.column("coverage")).containsExactly(0.5, 1.0);
  }

  @Test
  void framesAreRefusedWithAReason() {
    assertThatThrownBy(() ->
            new AlignStep()
                .open(
                    config(0, field(Fill.HOLD, 1)),
                    Trial.schema("a"),
                    new FakeTransformContext(arrow.get())))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_MISFIT))
        .hasMessageContaining("align: expected samples");
  }

  /** Whole streams of trouble: jitter, disorder, gaps, Bad and missing source times. */
  private static List<Sample> stream(long seed, int rows) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    long time = T0 + random.nextInt(1000) * MS;
    for (int i = 0; i < rows; i++) {
      time += random.nextInt(60) * MS;
      if (random.nextInt(100) == 0) {
        time += random.nextInt(100_000) * MS;
      }
      String tag = List.of("t/a", "t/b", "t/c", "t/other").get(random.nextInt(4));
      long at = time - (random.nextInt(5) == 0 ? random.nextInt(300) * MS : 0);
      at = random.nextInt(4) == 0 ? at / (100 * MS) * (100 * MS) : at;
      int status =
          switch (random.nextInt(10)) {
            case 0 -> Quality.BAD_TIMEOUT;
            case 1 -> Quality.UNCERTAIN;
            default -> Quality.GOOD;
          };
      Double value = Quality.isBad(status) ? null : (Double) random.nextDouble();
      samples.add(new Sample(tag, random.nextInt(8) == 0 ? -at : at, value, status));
    }
    return samples;
  }

  private static Config mixed(long lateness, int buffer) {
    Map<String, Point> fields = new LinkedHashMap<>();
    fields.put("a", new Point("t/a", Fill.LINEAR, Optional.of(Duration.ofMillis(450))));
    fields.put("b", new Point("t/b", Fill.HOLD, Optional.of(Duration.ofMillis(900))));
    fields.put("c", new Point("t/c", Fill.NEAREST, Optional.of(Duration.ofMillis(70))));
    fields.put("c2", new Point("t/c", Fill.LINEAR, Optional.empty()));
    return new Config(
        Duration.ofMillis(100),
        fields,
        Duration.ofMillis(lateness),
        Duration.ofSeconds(20),
        Duration.ofHours(1),
        true,
        buffer);
  }

  @Property(tries = 150)
  void batchBoundariesAndRestartsChangeNothing(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 400) int rows,
      @ForAll @IntRange(min = 0, max = 3) int lateness,
      @ForAll @IntRange(min = 0, max = 30) int restart) {
    List<Sample> samples = stream(seed, rows);
    Config config = mixed(lateness * 100L, seed % 3 == 0 ? 4 : 4096);
    Outcome whole = run(config, samples);
    Outcome parts = run(config, samples, Trial.sizes(seed + 1, rows), restart);
    assertThat(parts.essence()).isEqualTo(whole.essence());
    assertThat(parts.held().getLast()).isZero();
  }

  @Property(tries = 60)
  void inOrderFramesAreWhatANaiveComputationGives(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int rows) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    long time = 0;
    for (int i = 0; i < rows; i++) {
      time += 1 + random.nextInt(120);
      samples.add(a(time, random.nextInt(100)));
    }
    List<Double> expected = new ArrayList<>();
    long first = (samples.get(0).time() - T0) / MS;
    for (long at = (first + 99) / 100 * 100; at <= time; at += 100) {
      expected.add(naive(samples, T0 + at * MS));
    }
    assertThat(run(config(0, field(Fill.LINEAR, 10_000)), samples).column("a")).isEqualTo(expected);
  }

  private static double naive(List<Sample> samples, long at) {
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      if (sample.time() == at) {
        return sample.value();
      }
      if (sample.time() > at) {
        Sample before = samples.get(i - 1);
        double share = (double) (at - before.time()) / (double) (sample.time() - before.time());
        return before.value() + (sample.value() - before.value()) * share;
      }
    }
    throw new AssertionError("no sample after " + at);
  }
}
