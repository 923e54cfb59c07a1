package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.out;
import static kr.madang.inference.Fixture.scaled;
import static kr.madang.inference.Fixture.shaped;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class ModelStepTest {
  private static final ArrowType FLOAT = ElementType.FLOAT32.column;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  @BeforeEach
  @AfterEach
  void everyPermitIsFree() {
    assertThat(inference.freePermits()).isEqualTo(InferenceOptions.defaults().permits());
  }

  private LoadedModel load(OnnxBuilder builder, ModelSpec spec) throws Exception {
    return inference.load(
        spec, builder.write(folder.resolve("model.onnx")), Optional.empty(), arrow.get());
  }

  private CollectedOutput run(OnnxBuilder builder, ModelSpec spec, Fixture frames, String... keep)
      throws Exception {
    CollectedOutput collected = new CollectedOutput();
    try (LoadedModel model = load(builder, spec);
        Batch batch = frames.batch(arrow.get());
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of(keep)),
                    batch.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(batch, collected);
      collected.batches().forEach(b -> assertThat(b.schema()).isEqualTo(step.schema()));
    } catch (Exception | Error e) {
      collected.close();
      throw e;
    }
    return collected;
  }

  private static OnnxBuilder sums(Object... shape) {
    Object[] flat = Arrays.copyOf(shape, shape.length);
    StringBuilder axes = new StringBuilder("axes=");
    for (int i = 1; i < shape.length; i++) {
      axes.append(i).append(',');
    }
    return new OnnxBuilder()
        .input("x", "float32", flat)
        .output("y", "float32", shape[0])
        .node("ReduceMean", List.of("x"), List.of("y"), axes.toString(), "keepdims=0");
  }

  @Test
  void scalarsAreGatheredInTheOrderOfTheFields() throws Exception {
    Fixture frames = new Fixture().doubles("a", 1, 2, 3).doubles("b", 10, 20, 30);
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), spec("b", "a"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(10f, 1f), List.of(20f, 2f), List.of(30f, 3f));
      assertThat(Rows.column(got.batches().getFirst(), "y#status")).containsExactly(0, 0, 0);
      assertThat(Rows.column(got.batches().getFirst(), "time")).containsExactly(0L, 1000L, 2000L);
    }
  }

  @Test
  void windowsAreGatheredFieldsFirst() throws Exception {
    Fixture frames =
        new Fixture()
            .lists("a", Frames.DOUBLE, 3, List.of(1, 2, 3), List.of(4, 5, 6))
            .lists("b", FLOAT, 3, List.of(7, 8, 9), List.of(10, 11, 12));
    try (var got = run(OnnxBuilder.identity("float32", "n", 2, 3), spec("a", "b"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(1f, 2f, 3f, 7f, 8f, 9f), List.of(4f, 5f, 6f, 10f, 11f, 12f));
    }
  }

  @Test
  void windowsAlternateWhereTheShapeSaysSo() throws Exception {
    Fixture frames =
        new Fixture()
            .lists("a", Frames.DOUBLE, 3, List.of(1, 2, 3), List.of(4, 5, 6))
            .lists("b", FLOAT, 3, List.of(7, 8, 9), List.of(10, 11, 12));
    try (var got = run(OnnxBuilder.identity("float32", "n", 3, 2), spec("a", "b"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(1f, 7f, 2f, 8f, 3f, 9f), List.of(4f, 10f, 5f, 11f, 6f, 12f));
    }
  }

  @Test
  void aSquareShapeMeansFieldsFirst() throws Exception {
    Fixture frames =
        new Fixture().lists("a", FLOAT, 2, List.of(1, 2)).lists("b", FLOAT, 2, List.of(3, 4));
    try (var got = run(OnnxBuilder.identity("float32", "n", 2, 2), spec("a", "b"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(1f, 2f, 3f, 4f));
    }
  }

  @Test
  void aVectorAndScalarsShareAFlatRow() throws Exception {
    Fixture frames = new Fixture().lists("a", FLOAT, 2, List.of(1, 2)).doubles("b", 3);
    try (var got = run(OnnxBuilder.identity("float32", "n", 3), spec("a", "b"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(List.of(1f, 2f, 3f));
    }
  }

  @Test
  void scaleIsAppliedToEachFieldByItself() throws Exception {
    Fixture frames =
        new Fixture()
            .doubles("a", 14.0, 8.0)
            .column("b", FLOAT, 3.0, 5.0)
            .column("c", ElementType.INT32.column, 1, -1);
    ModelSpec scaled =
        scaled(
            spec("a", "b", "c"),
            Map.of("a", new ModelSpec.Scale(10, 2), "b", new ModelSpec.Scale(1, 4)));
    try (var got = run(OnnxBuilder.identity("float32", "n", 3), scaled, frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(2f, 0.5f, 1f), List.of(-1f, 1f, -1f));
    }
  }

  @Test
  void scaleOfAWindowIsApplied() throws Exception {
    Fixture frames = new Fixture().lists("a", FLOAT, 2, List.of(12, 14), List.of(10, 8));
    ModelSpec scaled = scaled(spec("a"), Map.of("a", new ModelSpec.Scale(10, 2)));
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), scaled, frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(1f, 2f), List.of(0f, -1f));
    }
  }

  @Test
  void outputsGetNamesUnitsAndTheirOwnColumns() throws Exception {
    Fixture frames = new Fixture().doubles("a", 1, 2).doubles("b", 3, 4);
    ModelSpec spec = spec(List.of(in("x", "a", "b")), List.of(out("y", "Cel", "inlet", "outlet")));
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), spec, frames, "b")) {
      Batch batch = got.batches().getFirst();
      assertThat(batch.schema().getFields().stream().map(f -> f.getName()))
          .containsExactly(
              "time", "b", "b#status", "inlet", "inlet#status", "outlet", "outlet#status");
      assertThat(batch.schema().findField("inlet").getMetadata()).containsEntry("unit", "Cel");
      assertThat(Rows.column(batch, "inlet")).containsExactly(1f, 2f);
      assertThat(Rows.column(batch, "outlet")).containsExactly(3f, 4f);
      assertThat(Rows.column(batch, "b")).containsExactly(3.0, 4.0);
    }
  }

  @Test
  void aRejectedRowIsNamedWithItsCauseAndTheOthersAreRun() throws Exception {
    Fixture frames =
        new Fixture()
            .doubles("a", 1, null, 3, 4)
            .doubles("b", 1, 2, 3, 4)
            .status("a", 0, Quality.BAD_NO_COMMUNICATION, 0, 0)
            .status("b", 0, 0, 0, Quality.BAD_SENSOR_FAILURE);
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), spec("a", "b"), frames, "b")) {
      assertThat(got.rejects())
          .containsExactly(
              "{1} → model probe@1.0.0, input 'x': field 'a' is Bad_NoCommunication, and its onBad is reject",
              "{3} → model probe@1.0.0, input 'x': field 'b' is Bad_SensorFailure, and its onBad is reject");
      Batch batch = got.batches().getFirst();
      assertThat(Rows.column(batch, "y")).containsExactly(List.of(1f, 1f), List.of(3f, 3f));
      assertThat(Rows.column(batch, "time")).containsExactly(0L, 2000L);
      assertThat(Rows.column(batch, "b")).containsExactly(1.0, 3.0);
    }
  }

  @Test
  void aMissingElementOfAWindowRejectsItsRow() throws Exception {
    Fixture frames =
        new Fixture().lists("a", FLOAT, 2, Arrays.asList(1, null), List.of(3, 4)).status("a", 0, 0);
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), spec("a"), frames)) {
      assertThat(got.rejects().getFirst()).startsWith("{0} → ").contains("Bad_NoData");
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(List.of(3f, 4f));
    }
  }

  @Test
  void aBatchOfBadRowsOnlyRunsNothing() throws Exception {
    Fixture frames = new Fixture().doubles("a", null, null);
    try (var got = run(OnnxBuilder.identity("float32", "n", 1), spec("a"), frames)) {
      assertThat(got.batches()).isEmpty();
      assertThat(got.rejectedRows()).isEqualTo(2);
    }
  }

  @Test
  void aSkippedRowStaysWithoutValueAndWithTheWorstStatus() throws Exception {
    Fixture frames =
        new Fixture()
            .doubles("a", 1, null, 3)
            .status("a", 0, Quality.BAD_NO_COMMUNICATION, Quality.UNCERTAIN_LAST_USABLE_VALUE);
    ModelSpec spec = spec(List.of(in(OnBad.SKIP, "x", "a")), List.of());
    try (var got = run(OnnxBuilder.identity("float32", "n", 1), spec, frames)) {
      Batch batch = got.batches().getFirst();
      assertThat(got.rejectedRows()).isZero();
      assertThat(Rows.column(batch, "y")).containsExactly(1f, null, 3f);
      assertThat(Rows.column(batch, "y#status"))
          .containsExactly(0, Quality.BAD_NO_COMMUNICATION, Quality.UNCERTAIN_LAST_USABLE_VALUE);
      assertThat(Rows.column(batch, "time")).containsExactly(0L, 1000L, 2000L);
    }
  }

  @Test
  void skippingEveryRowStillGivesRows() throws Exception {
    Fixture frames = new Fixture().lists("a", FLOAT, 2, null, null);
    ModelSpec spec = spec(List.of(in(OnBad.SKIP, "x", "a")), List.of());
    try (var got = run(OnnxBuilder.identity("float32", "n", 2), spec, frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(null, null);
    }
  }

  @Test
  void theStrictestPolicyOfSeveralInputsDecides() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .input("z", "float32", "n", 1)
            .output("y", "float32", "n", 1)
            .node("Add", List.of("x", "z"), List.of("y"));
    Fixture frames = new Fixture().doubles("a", 1, null, 3, null).doubles("b", 1, 2, null, null);
    ModelSpec spec = spec(List.of(in(OnBad.SKIP, "x", "a"), in(OnBad.REJECT, "z", "b")), List.of());
    try (var got = run(builder, spec, frames)) {
      assertThat(got.rejects().getFirst()).startsWith("{2, 3} → ").contains("input 'z'");
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(2f, null);
    }
  }

  @Test
  void uncertainInputsMakeUncertainOutputs() throws Exception {
    Fixture frames =
        new Fixture().column("a", FLOAT, 1, 2).status("a", Quality.UNCERTAIN_SUBSTITUTE_VALUE, 0);
    try (var got = run(OnnxBuilder.identity("float32", "n"), spec("a"), frames)) {
      Batch batch = got.batches().getFirst();
      assertThat(Rows.column(batch, "y")).containsExactly(1f, 2f);
      assertThat(Rows.column(batch, "y#status"))
          .containsExactly(Quality.UNCERTAIN_SUBSTITUTE_VALUE, 0);
    }
  }

  @Test
  void aFixedBatchIsRunInPiecesAndItsFillIsNotSeen() throws Exception {
    Object[] cells = new Object[10];
    List<Object> expected = new ArrayList<>();
    for (int i = 0; i < cells.length; i++) {
      cells[i] = List.of(i, i + 1);
      expected.add(i + 0.5f);
    }
    Fixture frames = new Fixture().lists("a", FLOAT, 2, cells);
    try (var got = run(sums(4, 2), spec("a"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y")).isEqualTo(expected);
    }
  }

  @Test
  void aFixedBatchOfOneIsRunRowByRow() throws Exception {
    Fixture frames = new Fixture().lists("a", FLOAT, 2, List.of(1, 3), List.of(5, 7));
    try (var got = run(sums(1, 2), spec("a"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(2f, 6f);
    }
  }

  @Test
  void anOpenDimensionIsTakenFromTheWindow() throws Exception {
    Fixture frames = new Fixture().lists("a", FLOAT, 4, List.of(1, 2, 3, 6));
    try (var got = run(sums("n", 1, "length"), spec("a"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y")).containsExactly(3f);
    }
  }

  @Test
  void anOutputWithoutShapeIsFoundByATrial() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 3)
            .shapeless("y", "float32")
            .node("Identity", List.of("x"), List.of("y"));
    Fixture frames = new Fixture().lists("a", FLOAT, 3, List.of(1, 2, 3), List.of(4, 5, 6));
    try (var got = run(builder, spec("a"), frames)) {
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .containsExactly(List.of(1f, 2f, 3f), List.of(4f, 5f, 6f));
    }
  }

  @Test
  void aWrongShapeOfAnOutputIsAnErrorAndNothingLeaks() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", "m")
            .output("y", "float32", "n", "k")
            .node("Identity", List.of("x"), List.of("y"));
    ModelSpec spec = spec(List.of(in("x", "a")), List.of(shaped(out("y", ""), -1L, 3L)));
    Fixture frames = new Fixture().lists("a", FLOAT, 2, List.of(1, 2));
    assertThatThrownBy(() -> run(builder, spec, frames).close())
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("model probe@1.0.0")
        .hasMessageContaining("y");
  }

  @Test
  void aGraphWhoseInputsDoNotGoByRowsAnswersCallersAndIsNoStep() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("a", "float32", 2, 2)
            .input("b", "float32", 1, 2)
            .output("y", "float32", 2, 2)
            .node("Add", List.of("a", "b"), List.of("y"));
    ModelSpec spec = spec(List.of(in("a", "a"), in("b", "b")), List.of());
    Tensor ones = new Tensor("a", "float32", new long[] {2, 2}, Memory.direct(16));
    Tensor others = new Tensor("b", "float32", new long[] {1, 2}, Memory.direct(8));
    try (LoadedModel model = load(builder, spec)) {
      assertThat(model.run(List.of(ones, others)).getFirst().shape()).containsExactly(2, 2);
    }
    Fixture frames =
        new Fixture().lists("a", FLOAT, 2, List.of(1, 2)).lists("b", FLOAT, 2, List.of(3, 4));
    assertThatThrownBy(() -> run(builder, spec, frames))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("no batch of rows fits together");
  }

  @Test
  void memoryOfTheInputIsUsedWhereItLies() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "n", 2), spec("a"));
        Batch batch =
            new Fixture().lists("a", FLOAT, 2, List.of(1, 2), List.of(3, 4)).batch(arrow.get())) {
      Session held = model.hold();
      try (Execution execution =
          new Execution(
              held,
              Tenant.NOBODY,
              model.binding(),
              model.binding().inputs(),
              Map.of(),
              batch.schema(),
              arrow.get())) {
        InputTensor input = execution.inputs().getFirst();
        input.bind(batch.root());
        input.place(InputTensor.ALL, 2, 2);
        assertThat(input.base())
            .isEqualTo(
                batch
                    .root()
                    .getVector("a")
                    .getChildrenFromFields()
                    .getFirst()
                    .getDataBufferAddress());
        input.place(new int[] {1}, 1, 1);
        assertThat(Memory.getFloat(input.base())).isEqualTo(3f);
      } finally {
        held.release();
      }
    }
  }

  @Test
  void aSliceWithAnOffsetIsRead() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "n", 2), spec("a"));
        Batch whole =
            new Fixture()
                .lists("a", FLOAT, 2, List.of(1, 2), List.of(3, 4), List.of(5, 6), List.of(7, 8))
                .batch(arrow.get());
        Batch slice = Batch.of(whole.root().slice(1, 2));
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of("a")),
                    slice.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(slice, got);
      Batch batch = got.batches().getFirst();
      assertThat(Rows.column(batch, "y")).containsExactly(List.of(3f, 4f), List.of(5f, 6f));
      assertThat(Rows.column(batch, "a")).containsExactly(List.of(3f, 4f), List.of(5f, 6f));
      assertThat(Rows.column(batch, "time")).containsExactly(1000L, 2000L);
    }
  }

  @Test
  void theOutputOutlivesInputAndStep() throws Exception {
    try (var got =
        run(
            OnnxBuilder.identity("float32", "n", 1),
            spec("a"),
            new Fixture().doubles("a", 1, 2),
            "a")) {
      assertThat(Rows.column(got.batches().getFirst(), "a")).containsExactly(1.0, 2.0);
    }
  }

  @Test
  void twoBatchesInARowDoNotDisturbEachOther() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "n", 2), spec("a", "b"));
        Batch first = new Fixture().doubles("a", 1, 2).doubles("b", 3, 4).batch(arrow.get());
        Batch second = new Fixture().doubles("a", 5).doubles("b", 6).batch(arrow.get());
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of()),
                    first.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(first, got);
      step.apply(second, got);
      step.apply(first, got);
      assertThat(got.rows().stream().map(row -> row.get("y")))
          .containsExactly(
              List.of(1f, 3f), List.of(2f, 4f), List.of(5f, 6f), List.of(1f, 3f), List.of(2f, 4f));
    }
  }

  @Test
  void aPipelineWithoutMemoryGetsAnErrorAndNothingLeaks() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "n", 1), spec("a"));
        var small = arrow.get().newChildAllocator("small", 0, 2048);
        Batch batch = new Fixture().doubles("a", new Object[4000]).batch(arrow.get());
        Batch good = new Fixture().doubles("a", numbers(4000)).batch(arrow.get());
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of()),
                    batch.schema(),
                    new FakeTransformContext(small))) {
      assertThatThrownBy(() -> step.apply(good, got))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("4000 rows")
          .extracting(e -> ((PluginException) e).code().name())
          .isEqualTo("EXHAUSTED");
      step.apply(batch, got);
      assertThat(got.rejectedRows()).isEqualTo(4000);
    }
  }

  private static Object[] numbers(int count) {
    Object[] numbers = new Object[count];
    Arrays.setAll(numbers, i -> (double) i);
    return numbers;
  }
}
