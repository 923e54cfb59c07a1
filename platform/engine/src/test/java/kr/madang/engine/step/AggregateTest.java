package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.MS;
import static kr.madang.engine.step.Trial.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.engine.step.AggregateStep.Config;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AggregateTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema SCHEMA = Trial.schema("a", "b");

  /** One window of four rows, then the aggregate. */
  private CollectedOutput window(
      Config config, Aggregate aggregate, WindowStep.Type type, List<Frame> frames)
      throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    WindowStep.Config four =
        new WindowStep.Config(
            4,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            WindowStep.Layout.TIME,
            Optional.of(type));
    CollectedOutput result = new CollectedOutput();
    try (Transform window = new WindowStep().open(four, SCHEMA, context);
        Transform step = new AggregateStep(aggregate).open(config, window.schema(), context);
        CollectedOutput windows = new CollectedOutput();
        Batch batch = Trial.frames(arrow.get(), SCHEMA, frames)) {
      window.apply(batch, windows);
      for (Batch one : windows.batches()) {
        step.apply(one, result);
      }
      result.batches().forEach(b -> assertThat(b.schema()).isEqualTo(step.schema()));
    }
    return result;
  }

  private static Config config(boolean skipMissing) {
    return new Config(List.of(), Optional.empty(), skipMissing);
  }

  private static List<Frame> frames(Double... values) {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      frames.add(Trial.frame(T0 + i * MS, values[i], 1.0));
    }
    return frames;
  }

  @ParameterizedTest
  @CsvSource({
    "MEAN, 3.0",
    "MIN, -1.0",
    "MAX, 8.0",
    "STD, 3.24037034920393",
    "RMS, 4.415880433163924",
    "MEDIAN, 2.5",
    "FIRST, 3.0",
    "LAST, 2.0",
    "SUM, 12.0",
    "RANGE, 9.0"
  })
  void eachIsComputedFromTheWholeWindow(Aggregate aggregate, double expected) throws Exception {
    for (WindowStep.Type type : WindowStep.Type.values()) {
      try (CollectedOutput out =
          window(config(false), aggregate, type, frames(3.0, -1.0, 8.0, 2.0))) {
        assertThat((Double) out.rows().get(0).get("a")).isCloseTo(expected, within(1e-12));
        assertThat(out.rows().get(0)).containsEntry("a#status", Quality.GOOD);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Aggregate.class)
  void aMissingValueMakesTheResultMissing(Aggregate aggregate) throws Exception {
    try (CollectedOutput out =
        window(config(false), aggregate, WindowStep.Type.FLOAT64, frames(3.0, null, 8.0, 2.0))) {
      assertThat(out.rows().get(0))
          .containsEntry("a", null)
          .containsEntry("a#status", Quality.BAD_SENSOR_FAILURE);
      assertThat(out.rows().get(0).get("b")).isNotNull();
    }
  }

  @Test
  void orIsSkippedAndTheResultUncertain() throws Exception {
    try (CollectedOutput out =
        window(
            config(true), Aggregate.FIRST, WindowStep.Type.FLOAT64, frames(null, 3.0, 8.0, null))) {
      assertThat(out.rows().get(0))
          .containsEntry("a", 3.0)
          .containsEntry("a#status", Quality.UNCERTAIN_SUB_NORMAL);
    }
    try (CollectedOutput out =
        window(
            config(true),
            Aggregate.MEAN,
            WindowStep.Type.FLOAT64,
            frames(null, null, null, null))) {
      assertThat(out.rows().get(0))
          .containsEntry("a", null)
          .containsEntry("a#status", Quality.BAD_SENSOR_FAILURE);
    }
  }

  @Test
  void aNewNameKeepsTheWindowBesideTheResult() throws Exception {
    Config config = new Config(List.of("a"), Optional.of("{field}Mean"), false);
    try (CollectedOutput out =
        window(config, Aggregate.MEAN, WindowStep.Type.FLOAT64, frames(1.0, 2.0, 3.0, 4.0))) {
      assertThat(out.rows().get(0))
          .containsEntry("aMean", 2.5)
          .containsEntry("a", List.of(1.0, 2.0, 3.0, 4.0))
          .containsEntry("b", List.of(1.0, 1.0, 1.0, 1.0));
    }
  }

  @Test
  void twoResultsOfOneNameAreRefused() {
    Config config = new Config(List.of(), Optional.of("x"), false);
    assertThatThrownBy(() ->
            window(config, Aggregate.MEAN, WindowStep.Type.FLOAT64, frames(1.0, 2.0, 3.0, 4.0)))
        .hasMessageContaining("mean: as: there is a field 'x' already");
    assertThatThrownBy(() ->
            new AggregateStep(Aggregate.MEAN)
                .open(config(false), SCHEMA, new FakeTransformContext(arrow.get())))
        .hasMessageContaining("put 'window' before it");
  }
}
