package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Weights of 1,619 numbers, so that what is packed behind them would lie at an uneven place. */
final class UnevenWeightsTest {
  private static final int SIDE = 1_619;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path home;

  @Test
  void theProcessStandsAndTheModelIsLoadedAsItCame() throws Exception {
    Path folder = Files.createDirectory(home.resolve("package"));
    Files.createDirectory(home.resolve("weights"));
    new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .weights("in", new float[SIDE], 1, SIDE)
        .weights("square", new float[SIDE * SIDE], SIDE, SIDE)
        .weights("out", new float[SIDE], SIDE, 1)
        .node("MatMul", List.of("x", "in"), List.of("a"))
        .node("MatMul", List.of("a", "square"), List.of("b"))
        .node("MatMul", List.of("b", "out"), List.of("zero"))
        .node("Sub", List.of("zero", "x"), List.of("y"))
        .write(folder.resolve("model.onnx"));
    Path prepared = Files.createDirectory(home.resolve("prepared"));
    try (Inference inference = Inference.open(InferenceOptions.defaults())) {
      ImportReport report = inference.inspect(Fixture.spec("x"), folder, prepared, arrow.get());
      assertThat(report.refusals()).isEmpty();
      assertThat(report.settings().prepacked()).isFalse();
      assertThat(report.warnings()).anyMatch(text -> text.contains("would not lie even in memory"));
      assertThat(report.curve()).isNotEmpty();
    }
  }
}
