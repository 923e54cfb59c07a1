package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.MS;
import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.engine.step.ScaleStep.Config;
import kr.madang.engine.step.ScaleStep.Standard;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScaleTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema SCHEMA = Trial.schema("a", "b");

  private static Config given(String field, double mean, double deviation) {
    return new Config(Map.of(field, new Standard(mean, deviation)), 0, List.of());
  }

  private static Config fit(int rows, String... of) {
    return new Config(Map.of(), rows, List.of(of));
  }

  private static Outcome run(Config config, List<Frame> frames, List<Integer> sizes, int restart) {
    return Trial.run(
        new ScaleStep(),
        config,
        SCHEMA,
        frames,
        (allocator, part) -> Trial.frames(allocator, SCHEMA, part),
        sizes,
        restart);
  }

  private static Outcome run(Config config, Frame... frames) {
    return run(config, List.of(frames), List.of(), -1);
  }

  @Test
  void givenMeanAndDeviationAreApplied() {
    Outcome got =
        run(
            given("a", 10, 4),
            frame(T0, 12.0, 5.0),
            frame(T0 + 1, null, 5.0),
            frame(T0 + 2, 8.0, 5.0));
    assertThat(got.column("a")).containsExactly(0.5, null, -0.5);
    assertThat(got.column("b")).containsOnly(5.0);
    assertThat(got.held()).containsOnly(0L);
  }

  @Test
  void windowsAreScaledValueByValue() throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    for (WindowStep.Type type : WindowStep.Type.values()) {
      WindowStep.Config two =
          new WindowStep.Config(
              2,
              Optional.empty(),
              List.of("a"),
              Optional.empty(),
              WindowStep.Layout.TIME,
              Optional.of(type));
      try (Transform window = new WindowStep().open(two, SCHEMA, context);
          Transform scale = new ScaleStep().open(given("a", 10, 4), window.schema(), context);
          CollectedOutput windows = new CollectedOutput();
          CollectedOutput out = new CollectedOutput();
          Batch batch =
              Trial.frames(
                  arrow.get(), SCHEMA, List.of(frame(T0, 12.0, 1.0), frame(T0 + 1, 8.0, 1.0)))) {
        window.apply(batch, windows);
        scale.apply(windows.batches().get(0), out);
        assertThat(out.rows().get(0).get("a").toString()).isEqualTo("[0.5,-0.5]");
        assertThat(out.batches().get(0).schema()).isEqualTo(scale.schema());
      }
    }
  }

  @Test
  void theFirstGoodRowsWaitForTheFitAndAreThenReleasedScaled() {
    Outcome got =
        run(
            fit(3, "a"),
            List.of(
                frame(T0, 1.0, 0.0),
                frame(T0 + 1, null, 0.0),
                frame(T0 + 2, 2.0, 0.0),
                frame(T0 + 3, 3.0, 0.0),
                frame(T0 + 4, 4.0, 0.0)),
            List.of(1, 1, 1, 1),
            -1);
    double deviation = Math.sqrt(2.0 / 3);
    assertThat(got.held()).containsExactly(1L, 2L, 3L, 0L, 0L, 0L);
    assertThat((Double) got.column("a").get(0)).isCloseTo(-1 / deviation, within(1e-12));
    assertThat(got.column("a").get(1)).isNull();
    assertThat((Double) got.column("a").get(4)).isCloseTo(2 / deviation, within(1e-12));
    assertThat(got.rejects()).isEmpty();
  }

  @Test
  void tooFewGoodRowsAreRejectedAtTheEnd() {
    Outcome got = run(fit(3, "a"), frame(T0, 1.0, 0.0), frame(T0 + 1, null, 0.0));
    assertThat(got.rows()).isEmpty();
    assertThat(got.rejects()).containsExactly("{0, 1} → only 1 of 3 good rows before the end");
  }

  @Test
  void waitingForGoodRowsIsBounded() {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      frames.add(frame(T0 + i, i == 7 || i > 20 ? 1.0 * i : null, 0.0));
    }
    Outcome got = run(fit(2, "a"), frames, List.of(3, 40), -1);
    assertThat(got.rejects())
        .containsExactly(
            "{0, 1, 2} → only 1 of 2 good rows among 20 rows; the fit begins anew",
            "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16} → only 1 of 2 good rows among 20 rows; the fit begins anew");
    assertThat(got.column("a")).containsExactly(null, -1.0, 1.0, 3.0, 5.0);
    Outcome restarted = run(fit(2, "a"), frames, List.of(3, 40), 1);
    assertThat(restarted.rejects()).isEqualTo(got.rejects());
    assertThat(restarted.held()).isEqualTo(got.held());
  }

  @Test
  void aFieldThatNeverMovedIsDividedByOne() {
    Outcome got =
        run(fit(2), frame(T0, 5.0, 1.0), frame(T0 + 1, 5.0, 3.0), frame(T0 + 2, 6.0, 2.0));
    assertThat(got.column("a")).containsExactly(0.0, 0.0, 1.0);
    assertThat(got.column("b")).containsExactly(-1.0, 1.0, 0.0);
  }

  @Test
  void aDeviationOfZeroOrNeitherWayIsRefused() {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    assertThatThrownBy(() -> new ScaleStep().open(given("a", 1, 0), SCHEMA, context))
        .hasMessageContaining("fields.a: expected a finite mean and a deviation above 0");
    assertThatThrownBy(
            () -> new ScaleStep().open(new Config(Map.of(), 0, List.of()), SCHEMA, context))
        .hasMessageContaining("got neither");
    assertThatThrownBy(() -> new ScaleStep().open(given("c", 1, 1), SCHEMA, context))
        .hasMessageContaining("there is no field 'c'");
  }

  @Test
  void theUnitOfAScaledFieldIsOne() {
    Schema in =
        kr.madang.sdk.batch.Frames.schema(
            List.of(
                kr.madang.sdk.batch.Frames.field(
                    "a", kr.madang.sdk.batch.Frames.DOUBLE, "A", "t")));
    assertThat(
            new ScaleStep()
                .open(given("a", 1, 1), in, new FakeTransformContext(arrow.get()))
                .schema()
                .findField("a")
                .getMetadata())
        .containsEntry("unit", "1")
        .containsEntry("tag", "t");
  }

  @Property(tries = 100)
  void batchBoundariesAndRestartsChangeNothing(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 120) int rows,
      @ForAll @IntRange(min = 2, max = 60) int fit,
      @ForAll @IntRange(min = 0, max = 20) int restart) {
    List<Frame> frames = WindowTest.frames(seed, rows);
    Outcome whole = run(fit(fit), frames, List.of(), -1);
    Outcome parts = run(fit(fit), frames, Trial.sizes(seed, rows), restart);
    assertThat(parts.essence()).isEqualTo(whole.essence());
    assertThat(whole.rows().size() + whole.rejectedRows()).isEqualTo(rows);
  }

  @Test
  void timesStayAsTheyWere() {
    assertThat(run(fit(2), frame(T0, 5.0, 1.0), frame(T0 + MS, 5.0, 3.0)).column("time"))
        .containsExactly(T0, T0 + MS);
  }
}
