package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.out;
import static kr.madang.inference.Fixture.scaled;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class DriftTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());
  private final Random random = new Random(11);

  @AfterEach
  void close() {
    inference.close();
  }

  /** {@code y} is the standardised fields {@code current} (mean 10) and {@code pressure}. */
  private LoadedModel model(OnBad onBad) throws Exception {
    ModelSpec spec =
        scaled(
            spec(List.of(in(onBad, "x", "current", "pressure")), List.of(out("y", "", "a", "b"))),
            Map.of("current", new ModelSpec.Scale(10, 2)));
    return inference.load(
        spec,
        OnnxBuilder.identity("float32", "n", 2).write(folder.resolve("m.onnx")),
        Optional.empty(),
        arrow.get());
  }

  private Path csv(int rows) throws Exception {
    StringBuilder text = new StringBuilder("when,\"pressure\", current ,note\n");
    for (int i = 0; i < rows; i++) {
      text.append("2026-01-01,").append(3 + random.nextGaussian()).append(',');
      text.append(i % 20 == 0 ? "" : Double.toString(10 + 2 * random.nextGaussian()));
      text.append(",fine\n");
    }
    return Files.writeString(folder.resolve("baseline.csv"), text.toString());
  }

  private void pass(LoadedModel model, int rows, double shift, int missing) throws Exception {
    Object[] current = new Object[rows];
    Object[] pressure = new Object[rows];
    for (int i = 0; i < rows; i++) {
      current[i] = i < missing ? null : 10 + shift + 2 * random.nextGaussian();
      pressure[i] = 3 + random.nextGaussian();
    }
    try (Batch batch =
            new Fixture()
                .doubles("current", current)
                .doubles("pressure", pressure)
                .batch(arrow.get());
        CollectedOutput collected = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("press"))
                .open(
                    new ModelStep.Config(List.of()),
                    batch.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(batch, collected);
    }
  }

  private static Drift.Moved column(LoadedModel model, String name) {
    return model.drift().figures().stream()
        .flatMap(figures -> figures.columns().stream())
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSensorThatHasMovedIsSeenInInputAndOutputAndAnotherIsNot() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT)) {
      Baseline baseline = model.baseline(csv(5_000), arrow.get());
      assertThat(baseline.columns())
          .extracting(Baseline.Column::name)
          .containsExactly("current", "pressure", "a", "b");
      Baseline.Column current = baseline.columns().getFirst();
      assertThat(current.missing()).isCloseTo(0.05, within(1e-9));
      assertThat(current.edges().get(4))
          .as("the median, in the field's unit")
          .isCloseTo(10, within(0.2));
      assertThat(current.rows()).isEqualTo(4_750);
      model.drift().expect(baseline, HOUR);
      for (int i = 0; i < 100; i++) {
        pass(model, 64, 0, 0);
      }
      for (String name : List.of("current", "pressure", "a", "b")) {
        assertThat(column(model, name).expected()).isTrue();
        assertThat(column(model, name).index()).as(name).isLessThan(0.05);
        assertThat(column(model, name).outside()).as(name).isLessThan(0.01);
        assertThat(column(model, name).seen()).isEqualTo(6_400);
        assertThat(column(model, name).sampled()).isEqualTo(1_600);
      }
      model.drift().expect(baseline, HOUR);
      for (int i = 0; i < 100; i++) {
        pass(model, 64, 3, 0);
      }
      assertThat(column(model, "current").index()).isGreaterThan(1);
      assertThat(column(model, "a").index()).isGreaterThan(1);
      assertThat(column(model, "pressure").index()).isLessThan(0.05);
      assertThat(column(model, "b").index()).isLessThan(0.05);
      assertThat(model.drift().figures().getFirst().place().workspace()).isEqualTo("press");
    }
  }

  @Test
  void valuesThatAreMissingOrStrangeAreCounted() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT)) {
      model.drift().expect(model.baseline(csv(5_000), arrow.get()), HOUR);
      pass(model, 100, 0, 25);
      pass(model, 100, 0, 100);
      assertThat(column(model, "current").missing()).isCloseTo(0.625, within(1e-9));
      assertThat(column(model, "current").usuallyMissing()).isCloseTo(0.05, within(1e-9));
      assertThat(column(model, "pressure").missing()).isZero();
      pass(model, 32, 100, 0);
      assertThat(column(model, "current").outside()).isGreaterThan(0.2);
    }
  }

  @Test
  void whatStandsInForAMissingValueDoesNotHideIt() throws Exception {
    try (LoadedModel model = model(new OnBad.Impute("10"))) {
      pass(model, 40, 0, 10);
      assertThat(column(model, "current").missing()).isEqualTo(0.25);
      assertThat(column(model, "current").seen()).isEqualTo(40);
    }
  }

  private void call(LoadedModel model, Tenant tenant, float... values) throws Exception {
    ByteBuffer data = Memory.direct(values.length * 4);
    data.asFloatBuffer().put(values);
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    model.call(
        tenant,
        new Call(List.of(new Tensor("x", "float32", new long[] {values.length / 2, 2}, data))),
        Hold.BRIEF,
        new Reply() {
          @Override
          public void answered(Answer answer) {
            answer.close();
            done.complete(true);
          }

          @Override
          public void failed(ErrorCode code, String message, Duration after) {
            done.completeExceptionally(new AssertionError(message));
          }
        });
    assertThat(done.get(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void callersOfEachWorkspaceAreLookedAtByThemselvesInTheUnitsOfTheTensor() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT)) {
      model.drift().expect(model.baseline(csv(5_000), arrow.get()), HOUR);
      Tenant steady = inference.tenant("steady");
      Tenant moved = inference.tenant("moved");
      for (int i = 0; i < 1_000; i++) {
        call(model, steady, (float) random.nextGaussian(), (float) (3 + random.nextGaussian()));
        call(model, moved, (float) (2 + random.nextGaussian()), Float.NaN);
      }
      for (Drift.Figures figures : model.drift().figures()) {
        Drift.Moved current = figures.columns().get(0);
        Drift.Moved pressure = figures.columns().get(1);
        assertThat(current.name()).isEqualTo("current");
        if (figures.place().workspace().equals("steady")) {
          assertThat(current.index()).isLessThan(0.05);
          assertThat(pressure.index()).isLessThan(0.05);
          assertThat(pressure.missing()).isZero();
        } else {
          assertThat(current.index()).isGreaterThan(1);
          assertThat(pressure.missing()).isEqualTo(1);
          assertThat(pressure.index()).isNaN();
        }
        assertThat(current.seen()).isEqualTo(1_000);
      }
      assertThat(model.drift().figures()).hasSize(2);
    }
  }

  @Test
  void aBaselineIsMadeOfWhatRuns() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT)) {
      pass(model, 10, 0, 0);
      assertThat(column(model, "current").expected()).isFalse();
      assertThat(column(model, "current").index()).isNaN();
      assertThatThrownBy(() -> model.drift().seen(place -> true))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("'current'")
          .hasMessageContaining("got 10");
      pass(model, 300, 0, 0);
      Baseline early = model.drift().seen(place -> true);
      assertThat(early.columns().getFirst().rows()).isEqualTo(310);
      for (int i = 0; i < 60; i++) {
        pass(model, 64, 0, 0);
      }
      Baseline made = model.drift().seen(place -> place.workspace().equals("press"));
      assertThat(made.columns().getFirst().edges().get(4)).isCloseTo(10, within(0.3));
      model.drift().expect(made, HOUR);
      for (int i = 0; i < 60; i++) {
        pass(model, 64, 0, 0);
      }
      assertThat(column(model, "current").index()).isLessThan(0.05);
      assertThat(column(model, "current").expected()).isTrue();
    }
  }

  @Test
  void recordedRowsSayNothingOfToday() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT);
        Batch batch =
            new Fixture().doubles("current", 1).doubles("pressure", 1).batch(arrow.get());
        CollectedOutput collected = new CollectedOutput();
        Transform step =
            inference
                .replayed(model, inference.tenant("press"))
                .open(
                    new ModelStep.Config(List.of()),
                    batch.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(batch, collected);
      assertThat(model.drift().figures()).isEmpty();
      assertThat(inference.uses().getFirst().rows()).as("they are paid all the same").isEqualTo(1);
    }
  }

  @Test
  void aReferenceFileThatIsWrongIsRefusedByName() throws Exception {
    try (LoadedModel model = model(OnBad.REJECT)) {
      Map<String, String> wrong =
          Map.of(
              "", "the file is empty",
              "current\n1\n", "needs field 'pressure'",
              "current,pressure\n", "rows with values of 'current'",
              "current,pressure\n1\n", "expected 2 cells, got 1",
              "current,pressure\n1,x\n", "column 'pressure': expected a number, got 'x'");
      for (Map.Entry<String, String> one : wrong.entrySet()) {
        Path file = Files.writeString(folder.resolve("b.csv"), one.getKey());
        assertThatThrownBy(() -> model.baseline(file, arrow.get()))
            .isInstanceOf(PluginException.class)
            .hasMessageContaining(one.getValue());
      }
      Path noArrow = Files.writeString(folder.resolve("b.arrow"), "ARROW1 or not");
      assertThatThrownBy(() -> model.baseline(noArrow, arrow.get()))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("b.arrow");
    }
  }
}
