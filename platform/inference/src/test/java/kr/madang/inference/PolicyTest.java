package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.scaled;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.MemoryState;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of values that are not Good, under each policy of an input. */
final class PolicyTest {
  static final ArrowType TIME = new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC");
  private static final ArrowType FLOAT = ElementType.FLOAT32.column;
  private static final int BAD = Quality.BAD_SENSOR_FAILURE;
  private static final OnBad HOLD = new OnBad.Hold(Duration.ofNanos(2000));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  @AfterEach
  void close() {
    inference.close();
  }

  private static OnnxBuilder model(Object... shape) {
    return OnnxBuilder.identity("float32", shape);
  }

  private LoadedModel load(OnnxBuilder builder, ModelSpec spec) throws Exception {
    return inference.load(
        spec, builder.write(folder.resolve("model.onnx")), Optional.empty(), arrow.get());
  }

  /** Runs batches one after the other through one step, or through one that is opened anew. */
  private CollectedOutput run(
      OnnxBuilder builder, ModelSpec spec, ModelStep.Config config, boolean anew, Fixture... frames)
      throws Exception {
    CollectedOutput collected = new CollectedOutput();
    try (LoadedModel model = load(builder, spec);
        MemoryState state = new MemoryState()) {
      Transform step = open(model, config, frames[0]);
      try {
        for (Fixture part : frames) {
          try (Batch batch = part.batch(arrow.get())) {
            step.apply(batch, collected);
          }
          if (anew) {
            step.save(state);
            step.close();
            step = open(model, config, frames[0]);
            step.restore(state);
          }
        }
      } finally {
        step.close();
      }
    } catch (Exception | Error e) {
      collected.close();
      throw e;
    }
    return collected;
  }

  private Transform open(LoadedModel model, ModelStep.Config config, Fixture like)
      throws Exception {
    try (Batch batch = like.batch(arrow.get())) {
      return inference
          .step(model, inference.tenant("default"))
          .open(config, batch.schema(), new FakeTransformContext(arrow.get()));
    }
  }

  private CollectedOutput run(OnBad policy, OnnxBuilder builder, Fixture... frames)
      throws Exception {
    return run(
        builder,
        spec(List.of(in(policy, "x", "a")), List.of()),
        new ModelStep.Config(List.of()),
        false,
        frames);
  }

  private static List<@Nullable Object> column(CollectedOutput got, String name) {
    List<@Nullable Object> cells = new ArrayList<>();
    got.rows().forEach(row -> cells.add(row.get(name)));
    return cells;
  }

  private static Fixture scalars(@Nullable Object... cells) {
    return new Fixture().column("a", FLOAT, cells);
  }

  @Test
  void theLastGoodValueStandsInAndTheResultIsUncertain() throws Exception {
    try (var got = run(HOLD, model("n"), scalars(1, null, 3).status("a", 0, BAD, 0))) {
      assertThat(column(got, "y")).containsExactly(1f, 1f, 3f);
      assertThat(column(got, "y#status"))
          .containsExactly(0, Quality.UNCERTAIN_LAST_USABLE_VALUE, 0);
    }
  }

  @Test
  void aValueOlderThanTheLimitIsNotHeld() throws Exception {
    // Rows are 1,000 ns apart, the limit is 2,000.
    try (var got = run(HOLD, model("n"), scalars(1, null, null, null, 5))) {
      assertThat(column(got, "y")).containsExactly(1f, 1f, 1f, 5f);
      assertThat(got.rejects())
          .containsExactly(
              "{3} → model probe@1.0.0, input 'x': field 'a' is Bad_NoData, and its onBad is hold 0.000002s, but no Good value of that time came before it");
    }
  }

  @Test
  void anUncertainOrBadValueIsNeverTheLastGoodOne() throws Exception {
    Fixture frames =
        scalars(1, 2, 3, null)
            .status("a", 0, Quality.UNCERTAIN, BAD, BAD)
            .times(0, 500, 1000, 1500);
    try (var got = run(HOLD, model("n"), frames)) {
      assertThat(column(got, "y")).containsExactly(1f, 2f, 1f, 1f);
      assertThat(column(got, "y#status"))
          .containsExactly(
              0,
              Quality.UNCERTAIN,
              Quality.UNCERTAIN_LAST_USABLE_VALUE,
              Quality.UNCERTAIN_LAST_USABLE_VALUE);
    }
  }

  @Test
  void aRowBeforeTheHeldValueInTimeIsRejected() throws Exception {
    Fixture frames = scalars(1, null).times(5000, 4000);
    try (var got = run(HOLD, model("n"), frames)) {
      assertThat(column(got, "y")).containsExactly(1f);
      assertThat(got.rejectedRows()).isEqualTo(1);
    }
  }

  @Test
  void aHeldValueOutlivesItsBatchAndARestart() throws Exception {
    for (boolean anew : new boolean[] {false, true}) {
      ModelSpec spec = spec(List.of(in(HOLD, "x", "a")), List.of());
      Fixture[] batches = {
        scalars(1, 2).times(0, 1000),
        scalars((Object) null).times(2000),
        scalars((Object) null).times(3000),
        scalars((Object) null).times(4000)
      };
      ModelStep.Config config = new ModelStep.Config(List.of());
      try (var got = run(model("n"), spec, config, anew, batches)) {
        assertThat(column(got, "y")).containsExactly(1f, 2f, 2f, 2f);
        assertThat(got.rejectedRows()).isEqualTo(1);
      }
    }
  }

  @Test
  void aBatchThatFailedAndComesAgainFindsWhatItFoundBefore() throws Exception {
    ModelSpec spec = spec(List.of(in(HOLD, "x", "a")), List.of());
    try (LoadedModel model = load(model("n"), spec);
        var small = arrow.get().newChildAllocator("small", 0, 8 << 10);
        Batch first = scalars(7).times(0).batch(arrow.get());
        Batch second = wide(2000).batch(arrow.get());
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of()),
                    first.schema(),
                    new FakeTransformContext(small))) {
      step.apply(first, got);
      assertThatThrownBy(() -> step.apply(second, got)).hasMessageContaining("needs more memory");
      small.setLimit(1 << 20);
      step.apply(second, got);
      assertThat(got.rejectedRows()).isZero();
      assertThat(column(got, "y").subList(0, 3)).containsExactly(7f, 7f, 1f);
    }
  }

  /** Rows at 1 ns, 2 ns and so on, of which the first is missing. */
  private static Fixture wide(int rows) {
    Object[] cells = new Object[rows];
    long[] times = new long[rows];
    for (int i = 0; i < rows; i++) {
      cells[i] = i == 0 ? null : (Object) i;
      times[i] = i + 1;
    }
    return new Fixture().column("a", FLOAT, cells).times(times);
  }

  @Test
  void aConstantStandsInInTheUnitOfTheField() throws Exception {
    ModelSpec spec =
        scaled(
            spec(List.of(in(new OnBad.Impute("12"), "x", "a")), List.of()),
            Map.of("a", new ModelSpec.Scale(10, 2)));
    ModelStep.Config config = new ModelStep.Config(List.of());
    try (var got = run(model("n"), spec, config, false, scalars(14, null))) {
      assertThat(column(got, "y")).containsExactly(2f, 1f);
      assertThat(column(got, "y#status")).containsExactly(0, Quality.UNCERTAIN_SUBSTITUTE_VALUE);
    }
  }

  @Test
  void theMeanOfTheScaleStandsIn() throws Exception {
    ModelSpec spec =
        scaled(
            spec(List.of(in(new OnBad.Impute("mean"), "x", "a")), List.of()),
            Map.of("a", new ModelSpec.Scale(10, 2)));
    ModelStep.Config config = new ModelStep.Config(List.of());
    Fixture frames = scalars(14, 99).status("a", 0, BAD);
    try (var got = run(model("n"), spec, config, false, frames)) {
      assertThat(column(got, "y")).containsExactly(2f, 0f);
    }
  }

  @Test
  void notANumberStandsInForAModelThatKnowsIt() throws Exception {
    try (var got = run(new OnBad.Impute("NaN"), model("n", 2), windows(List.of(1, 2)))) {
      assertThat(column(got, "y")).containsExactly(List.of(1f, 2f));
    }
    Fixture frames = new Fixture().lists("a", FLOAT, 2, List.of(1, Float.NaN)).status("a", BAD);
    try (var got = run(new OnBad.Impute("NaN"), model("n", 2), frames)) {
      assertThat(column(got, "y")).containsExactly(List.of(1f, Float.NaN));
      assertThat(column(got, "y#status")).containsExactly(Quality.UNCERTAIN_SUBSTITUTE_VALUE);
    }
  }

  @Test
  void integersKeepAllTheirDigits() throws Exception {
    long large = (1L << 60) + 1;
    Fixture frames =
        new Fixture().column("a", ElementType.INT64.column, large, null).status("a", 0, BAD);
    try (var got = run(HOLD, OnnxBuilder.identity("int64", "n"), frames)) {
      assertThat(column(got, "y")).containsExactly(large, large);
    }
  }

  @Test
  void aBadValueThatIsThereIsUsedAndMarkedUncertain() throws Exception {
    Fixture frames = scalars(1, 2, null).status("a", 0, BAD, BAD);
    try (var got = run(OnBad.MARK_UNCERTAIN, model("n"), frames)) {
      assertThat(column(got, "y")).containsExactly(1f, 2f);
      assertThat(column(got, "y#status")).containsExactly(0, Quality.UNCERTAIN_SUB_NORMAL);
      assertThat(got.rejects())
          .containsExactly(
              "{2} → model probe@1.0.0, input 'x': field 'a' is Bad_SensorFailure, and its onBad is markUncertain, but it has no value");
    }
  }

  private static Fixture windows(Object... cells) {
    return new Fixture().lists("a", FLOAT, ((List<?>) cells[0]).size(), cells);
  }

  /** Windows of three, one row on each time; NaN is missing. */
  private static Fixture sliding(int first, float... values) {
    int rows = values.length - 2;
    Object[] cells = new Object[rows];
    Object[] times = new Object[rows];
    long[] last = new long[rows];
    int[] status = new int[rows];
    for (int i = 0; i < rows; i++) {
      cells[i] = List.of(values[i], values[i + 1], values[i + 2]);
      long from = (first + i) * 1000L;
      times[i] = List.of(from, from + 1000, from + 2000);
      last[i] = from + 2000;
      status[i] = Float.isNaN(values[i] + values[i + 1] + values[i + 2]) ? BAD : 0;
    }
    return new Fixture()
        .lists("a", FLOAT, 3, cells)
        .status("a", status)
        .lists("t", TIME, 3, times)
        .times(last);
  }

  @Test
  void inAWindowEachMissingValueIsHeldByTheOneBeforeItAlsoOfTheWindowBefore() throws Exception {
    float no = Float.NaN;
    try (var got = run(HOLD, model("n", 3), sliding(0, 1, no, 3, no, no, no, 7))) {
      assertThat(column(got, "y"))
          .containsExactly(List.of(1f, 1f, 3f), List.of(1f, 3f, 3f), List.of(3f, 3f, 3f));
      // The sixth is 3,000 ns after the third.
      assertThat(got.rejects()).hasSize(1);
      assertThat(got.rejects().getFirst()).startsWith("{3, 4} → ");
      assertThat(column(got, "y#status")).containsOnly(Quality.UNCERTAIN_LAST_USABLE_VALUE);
    }
    try (var got =
        run(
            HOLD,
            model("n", 3),
            sliding(0, 1, 2, no, 4),
            sliding(2, no, 4, 5),
            sliding(3, 4, 5, 6))) {
      assertThat(column(got, "y"))
          .containsExactly(
              List.of(1f, 2f, 2f), List.of(2f, 2f, 4f), List.of(2f, 4f, 5f), List.of(4f, 5f, 6f));
      assertThat(column(got, "y#status").getLast()).isEqualTo(Quality.GOOD);
    }
  }

  @Test
  void aValueFromBeforeAWindowThatBeginsWithoutOneIsStillKnownInTheNext() throws Exception {
    float no = Float.NaN;
    // The last window begins with the second of two missing values; 2 was two windows before.
    try (var got = run(HOLD, model("n", 3), sliding(0, 1, 2, no, no, 5, 6))) {
      assertThat(column(got, "y"))
          .containsExactly(
              List.of(1f, 2f, 2f), List.of(2f, 2f, 2f), List.of(2f, 2f, 5f), List.of(2f, 5f, 6f));
    }
  }

  @Test
  void aWindowThatIsBadAsAWholeIsReplacedAsAWhole() throws Exception {
    Fixture frames =
        windows(List.of(1, 2), List.of(3, 4), Arrays.asList(5, null)).status("a", 0, BAD, BAD);
    try (var got = run(new OnBad.Impute("0"), model("n", 2), frames)) {
      assertThat(column(got, "y"))
          .containsExactly(List.of(1f, 2f), List.of(0f, 0f), List.of(5f, 0f));
    }
    try (var got = run(OnBad.MARK_UNCERTAIN, model("n", 2), frames)) {
      assertThat(column(got, "y")).containsExactly(List.of(1f, 2f), List.of(3f, 4f));
      assertThat(got.rejectedRows()).isEqualTo(1);
    }
  }

  @Test
  void holdOfAWindowWithoutTimesSaysWhatToAdd() {
    assertThatThrownBy(() -> run(HOLD, model("n", 2), windows(List.of(1, 2))).close())
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "model probe@1.0.0, input 'x', onBad hold 0.000002s: nothing says when the 2 values of field 'a' were; add 'times: frameTimes' to the window step");
    Fixture joined = windows(List.of(1, 2, 3, 4)).lists("t", TIME, 2, List.of(1L, 2L));
    assertThatThrownBy(() -> run(HOLD, model("n", 4), joined).close())
        .hasMessageContaining("field 'a' has 4 values and field 't' 2 times")
        .hasMessageContaining("leave out 'as'");
  }

  @Test
  void aPipelineMayHaveItOtherwiseThanTheModel() throws Exception {
    ModelStep.Config config =
        new ModelStep.Config(List.of(), Map.of("x", new ModelStep.Input(new OnBad.Impute("5"))));
    try (var got = run(model("n"), spec("a"), config, false, scalars(1, null))) {
      assertThat(column(got, "y")).containsExactly(1f, 5f);
    }
    ModelStep.Config wrong =
        new ModelStep.Config(List.of(), Map.of("z", new ModelStep.Input(OnBad.SKIP)));
    assertThatThrownBy(() -> run(model("n"), spec("a"), wrong, false, scalars(1)).close())
        .hasMessage("model probe@1.0.0: inputs names 'z'; the model has inputs [x]");
    ModelStep.Config mean =
        new ModelStep.Config(List.of(), Map.of("x", new ModelStep.Input(new OnBad.Impute("mean"))));
    assertThatThrownBy(() -> run(model("n"), spec("a"), mean, false, scalars(1)).close())
        .hasMessage(
            "model probe@1.0.0, input 'x': onBad impute mean: field 'a' has no mean; expected one under scale of model.yaml, or a number instead of mean");
  }

  @Test
  void aPolicyThatTheTensorCannotHaveIsRefusedAtLoad() {
    assertThatThrownBy(() ->
            load(OnnxBuilder.identity("string", "n"), spec(List.of(in(HOLD, "x", "a")), List.of())))
        .hasMessageContaining("input 'x': onBad hold 0.000002s: a text has no number to stand in");
    assertThatThrownBy(() ->
            load(
                OnnxBuilder.identity("int64", "n"),
                spec(List.of(in(new OnBad.Impute("0.5"), "x", "a")), List.of())))
        .hasMessageContaining("expected a whole number, since its tensor holds int64, got 0.5");
  }

  private static TensorBinding measured(Map<String, String> units, String... fields) {
    return new TensorBinding("x", List.of(fields), List.of(), "", OnBad.REJECT, "A", "", units);
  }

  @Test
  void aFieldInAnotherUnitThanTheModelDeclaresIsRefused() throws Exception {
    ModelSpec spec = spec(List.of(measured(Map.of("b", "bar"), "a", "b")), List.of());
    ModelStep.Config config = new ModelStep.Config(List.of());
    OnnxBuilder model = model("n", 2);
    Fixture same = new Fixture().doubles("a", 1).unit("A").doubles("b", 2).unit("bar");
    run(model, spec, config, false, same).close();
    run(model, spec, config, false, new Fixture().doubles("a", 1).doubles("b", 2)).close();
    Fixture other = new Fixture().doubles("a", 1).unit("A").doubles("b", 2).unit("kPa");
    assertThatThrownBy(() -> run(model, spec, config, false, other).close())
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "model probe@1.0.0, input 'x': field 'b' comes in unit 'kPa', expected 'bar'; convert it with a derive step, or correct the unit where it is declared");
    Fixture milli = new Fixture().doubles("a", 1).unit("mA").doubles("b", 2);
    assertThatThrownBy(() -> run(model, spec, config, false, milli).close())
        .hasMessageContaining("field 'a' comes in unit 'mA', expected 'A'");
    assertThatThrownBy(
            () -> load(model, spec(List.of(measured(Map.of("c", "bar"), "a", "b")), List.of())))
        .hasMessageContaining("units names field 'c', which it is not made from");
  }
}
