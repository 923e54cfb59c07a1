package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.MS;
import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.engine.step.WindowStep.Config;
import kr.madang.engine.step.WindowStep.Layout;
import kr.madang.engine.step.WindowStep.Type;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WindowTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema SCHEMA = Trial.schema("a", "b");

  private static Config config(int length, int hop) {
    return new Config(
        length, Optional.of(hop), List.of(), Optional.empty(), Layout.CHANNELS, Optional.empty());
  }

  private static Config joined(int length, Layout layout) {
    return new Config(
        length, Optional.empty(), List.of(), Optional.of("w"), layout, Optional.empty());
  }

  private static Outcome run(Config config, List<Frame> frames) {
    return run(config, frames, List.of(), -1);
  }

  private static Outcome run(Config config, List<Frame> frames, List<Integer> sizes, int restart) {
    return Trial.run(
        new WindowStep(),
        config,
        SCHEMA,
        frames,
        (allocator, part) -> Trial.frames(allocator, SCHEMA, part),
        sizes,
        restart);
  }

  private static List<Frame> count(int rows) {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      frames.add(frame(T0 + i * MS, (double) i, 100.0 + i));
    }
    return frames;
  }

  @Test
  void windowsSlideByTheHopAndStandAtTheirLastRow() {
    Outcome got = run(config(3, 2), count(8));
    assertThat(got.column("a"))
        .containsExactly(List.of(0.0, 1.0, 2.0), List.of(2.0, 3.0, 4.0), List.of(4.0, 5.0, 6.0));
    assertThat(got.column(Frames.TIME)).containsExactly(T0 + 2 * MS, T0 + 4 * MS, T0 + 6 * MS);
    assertThat(got.column("b").get(1)).isEqualTo(List.of(102.0, 103.0, 104.0));
  }

  @Test
  void theHopIsTheLengthIfLeftOutAndMayBeLonger() {
    Config tumbling =
        new Config(
            3, Optional.empty(), List.of("a"), Optional.empty(), Layout.TIME, Optional.empty());
    assertThat(run(tumbling, count(8)).column("a"))
        .containsExactly(List.of(0.0, 1.0, 2.0), List.of(3.0, 4.0, 5.0));
    assertThat(run(config(2, 4), count(11)).column("a"))
        .containsExactly(List.of(0.0, 1.0), List.of(4.0, 5.0), List.of(8.0, 9.0));
  }

  @Test
  void aFileOf1147RowsGives1088WindowsOf60() {
    Outcome got = run(config(60, 1), count(1147), List.of(100, 1000), -1);
    assertThat(got.rows()).hasSize(1088);
    assertThat(got.held()).containsExactly(59L, 59L, 59L, 0L);
  }

  @Test
  void oneFieldHoldsAllOfThemFieldByFieldOrFrameByFrame() {
    assertThat(run(joined(2, Layout.CHANNELS), count(2)).column("w"))
        .containsExactly(List.of(0f, 1f, 100f, 101f));
    assertThat(run(joined(2, Layout.TIME), count(2)).column("w"))
        .containsExactly(List.of(0f, 100f, 1f, 101f));
    Config wide =
        new Config(
            2,
            Optional.empty(),
            List.of("b", "a"),
            Optional.of("w"),
            Layout.TIME,
            Optional.of(Type.FLOAT64));
    assertThat(run(wide, count(2)).column("w")).containsExactly(List.of(100.0, 0.0, 101.0, 1.0));
  }

  @Test
  void aMissingValueIsNaNAndTheStatusIsTheWorst() {
    List<Frame> frames = new ArrayList<>(count(6));
    frames.set(1, frame(T0 + MS, null, 101.0));
    frames.set(
        4, new Frame(T0 + 4 * MS, List.of(4.0, 104.0), List.of(Quality.UNCERTAIN, Quality.GOOD)));
    Outcome got = run(config(2, 1), frames);
    assertThat(got.column("a").get(0)).isEqualTo(List.of(0.0, Double.NaN));
    assertThat(got.column("a#status"))
        .containsExactly(
            Quality.BAD_SENSOR_FAILURE,
            Quality.BAD_SENSOR_FAILURE,
            Quality.GOOD,
            Quality.UNCERTAIN,
            Quality.UNCERTAIN);
    assertThat(got.column("b#status")).containsOnly(Quality.GOOD);
    assertThat(run(joined(2, Layout.TIME), frames).column("w#status"))
        .containsExactly(Quality.BAD_SENSOR_FAILURE, Quality.GOOD, Quality.UNCERTAIN);
  }

  @Test
  void theTimesOfTheFramesCanBeHadBesideTheirValues() {
    Config config =
        new Config(
            3,
            Optional.of(2),
            List.of("a"),
            Optional.empty(),
            Layout.TIME,
            Optional.empty(),
            Optional.of("when"));
    Outcome got = run(config, count(5), List.of(2), 1);
    assertThat(got.column("when"))
        .containsExactly(
            List.of(T0, T0 + MS, T0 + 2 * MS), List.of(T0 + 2 * MS, T0 + 3 * MS, T0 + 4 * MS));
    assertThat(got.column("when#status")).containsOnly(Quality.GOOD);
    assertThat(got.column("a").get(1)).isEqualTo(List.of(2.0, 3.0, 4.0));
    Config taken =
        new Config(
            3,
            Optional.empty(),
            List.of("a"),
            Optional.empty(),
            Layout.TIME,
            Optional.empty(),
            Optional.of("a"));
    assertThatThrownBy(() -> run(taken, count(5)))
        .hasMessage("window: times: there is a field 'a' already; choose another name");
  }

  @Test
  void numbersOfOtherTypesBecomeFloat64() {
    Schema schema =
        Frames.schema(
            List.of(
                Frames.field("n", new ArrowType.Int(64, true), "", ""),
                Frames.field("t", ArrowType.Utf8.INSTANCE, "", "")));
    Outcome got =
        Trial.run(
            new WindowStep(),
            config(2, 2),
            schema,
            List.of(1L, 2L),
            (allocator, part) -> {
              try (var writer = new kr.madang.sdk.batch.FrameWriter(allocator, schema)) {
                part.forEach(n -> {
                  writer.begin(T0 + n);
                  writer.setLong(0, n, Quality.GOOD);
                });
                return writer.take();
              }
            },
            List.of(),
            -1);
    assertThat(got.column("n")).containsExactly(List.of(1.0, 2.0));
    assertThat(got.rows().get(0)).doesNotContainKey("t");
  }

  @Test
  void misfitsNameTheFieldAndTheNearestOne() {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    Config wrong =
        new Config(
            2,
            Optional.empty(),
            List.of("curent"),
            Optional.empty(),
            Layout.TIME,
            Optional.empty());
    assertThatThrownBy(
            () -> new WindowStep().open(wrong, Trial.schema("pressure", "current"), context))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "window: there is no field 'curent'; did you mean 'current'? The input has pressure, current");
    assertThatThrownBy(() -> new WindowStep().open(wrong, Samples.SCHEMA, context))
        .hasMessageContaining("put an 'align' step before it");
    Schema text = Frames.schema(List.of(Frames.field("curent", ArrowType.Utf8.INSTANCE, "", "")));
    assertThatThrownBy(() -> new WindowStep().open(wrong, text, context))
        .hasMessageContaining("field 'curent': expected a number, got text");
  }

  @Test
  void theSchemaSaysLengthTypeAndUnit() {
    Schema in = Frames.schema(List.of(Frames.field("a", Frames.DOUBLE, "A", "t/a")));
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    var window = new WindowStep().open(config(7, 1), in, context).schema().findField("a");
    assertThat(window.getType()).isEqualTo(new ArrowType.FixedSizeList(7));
    assertThat(window.getMetadata()).containsEntry("unit", "A").containsEntry("tag", "t/a");
    var both = new WindowStep().open(joined(7, Layout.TIME), in, context).schema().findField("w");
    assertThat(both.getChildren().get(0).getType())
        .isEqualTo(new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
    assertThat(both.getMetadata()).containsExactly(java.util.Map.entry("unit", "A"));
  }

  @Property(tries = 150)
  void batchBoundariesAndRestartsChangeNothing(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300) int rows,
      @ForAll @IntRange(min = 1, max = 20) int length,
      @ForAll @IntRange(min = 1, max = 30) int hop,
      @ForAll @IntRange(min = 0, max = 30) int restart) {
    List<Frame> frames = frames(seed, rows);
    Outcome whole = run(config(length, hop), frames);
    Outcome parts = run(config(length, hop), frames, Trial.sizes(seed, rows), restart);
    assertThat(parts.essence()).isEqualTo(whole.essence());
    assertThat(whole.rows()).hasSize(rows < length ? 0 : (rows - length) / hop + 1);
  }

  @Test
  void historyIsMovedUpWithoutLosingARow() {
    int rows = 20_000;
    Outcome got = run(config(60, 7), count(rows), List.of(1, 5000, 3, 9000), 3);
    assertThat(got.rows()).hasSize((rows - 60) / 7 + 1);
    for (int i = 0; i < got.rows().size(); i++) {
      List<?> window = (List<?>) got.column("b").get(i);
      assertThat(window.getFirst()).isEqualTo(100.0 + i * 7);
      assertThat(window.getLast()).isEqualTo(159.0 + i * 7);
      i += 37;
    }
  }

  static List<Frame> frames(long seed, int rows) {
    Random random = new Random(seed);
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      Double a = random.nextInt(9) == 0 ? null : (Double) random.nextDouble();
      int status = a == null ? Quality.BAD_TIMEOUT : random.nextInt(9) == 0 ? Quality.UNCERTAIN : 0;
      List<Double> values = new ArrayList<>();
      values.add(a);
      values.add(random.nextGaussian());
      frames.add(new Frame(T0 + i * MS, values, List.of(status, Quality.GOOD)));
    }
    return frames;
  }
}
