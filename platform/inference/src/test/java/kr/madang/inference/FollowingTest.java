package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class FollowingTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());
  private final List<String> refused = new ArrayList<>();

  @AfterEach
  void close() {
    inference.close();
  }

  private LoadedModel load(String version, String operator, OnBad onBad, String field)
      throws Exception {
    OnnxBuilder graph =
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .output("y", "float32", "n", 1)
            .node(operator, List.of("x"), List.of("y"));
    ModelSpec spec =
        new ModelSpec(
            "echo",
            version,
            List.of(new TensorBinding("x", List.of(field), List.of(), "", onBad, "", "")),
            List.of(),
            Map.of(),
            Optional.empty(),
            Map.of());
    return inference.load(
        spec, graph.write(folder.resolve(version + ".onnx")), Optional.empty(), arrow.get());
  }

  private static OnBad hold() {
    return new OnBad.Hold(Duration.ofSeconds(5));
  }

  /** Rows of one field, a second apart. */
  private Batch rows(int from, Object... values) {
    int[] status = new int[values.length];
    long[] times = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      status[i] = values[i] == null ? Quality.BAD_NO_DATA : Quality.GOOD;
      times[i] = (from + i) * 1_000_000_000L;
    }
    return new Fixture()
        .doubles("a", values)
        .status("a", status)
        .doubles("b", values)
        .times(times)
        .batch(arrow.get());
  }

  private List<Object> run(Transform step, Batch in) throws Exception {
    List<Object> all = new ArrayList<>();
    try (in;
        CollectedOutput out = new CollectedOutput()) {
      step.apply(in, out);
      out.batches().forEach(batch -> all.addAll(Rows.column(batch, "y")));
    }
    return all;
  }

  private Transform open(LiveModel live) throws Exception {
    try (Batch like = rows(0, 1)) {
      return inference
          .step(live, inference.tenant("default"))
          .open(
              new ModelStep.Config(List.of()),
              like.schema(),
              new FakeTransformContext(arrow.get()));
    }
  }

  @Test
  void betweenTwoBatchesAnotherVersionTakesOverWithWhatIsHeld() throws Exception {
    LoadedModel old = load("1.0.0", "Identity", hold(), "a");
    LoadedModel fresh = load("2.0.0", "Neg", hold(), "a");
    LiveModel live = new LiveModel(old, refused::add);
    try (Transform step = open(live)) {
      assertThat(run(step, rows(0, 1, 2, 3))).containsExactly(1f, 2f, 3f);
      live.become(fresh);
      old.close();
      assertThat(old.awaitReleased(Duration.ZERO)).as("the step has not changed yet").isFalse();
      assertThat(run(step, rows(3, null, 5)))
          .as("the value that is held came before the change")
          .containsExactly(-3f, -5f);
      assertThat(old.awaitReleased(Duration.ofSeconds(5))).isTrue();
      assertThat(refused).isEmpty();
    }
    fresh.close();
    assertThat(fresh.awaitReleased(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void aVersionThatTakesOrGivesOtherThingsIsRefusedOnceAndTheOldOneGoesOn() throws Exception {
    LoadedModel old = load("1.0.0", "Identity", hold(), "a");
    LoadedModel elsewhere = load("2.0.0", "Neg", hold(), "b");
    LoadedModel strict = load("3.0.0", "Neg", new OnBad.Reject(), "a");
    LoadedModel good = load("4.0.0", "Neg", hold(), "a");
    LiveModel live = new LiveModel(old, refused::add);
    try (Transform step = open(live)) {
      live.become(elsewhere);
      assertThat(run(step, rows(0, 1))).containsExactly(1f);
      assertThat(run(step, rows(1, 2))).containsExactly(2f);
      assertThat(refused).singleElement().asString().contains("takes other inputs");
      live.become(strict);
      assertThat(run(step, rows(2, 3))).containsExactly(3f);
      assertThat(refused).hasSize(2);
      live.become(good);
      assertThat(run(step, rows(3, 4))).containsExactly(-4f);
    }
    for (LoadedModel model : List.of(old, elsewhere, strict, good)) {
      model.close();
      assertThat(model.awaitReleased(Duration.ofSeconds(5))).isTrue();
    }
  }
}
