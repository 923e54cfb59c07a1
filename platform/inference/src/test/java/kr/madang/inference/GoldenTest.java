package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class GoldenTest {
  private static final ArrowType FLOAT = ElementType.FLOAT32.column;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  private Path file(Fixture... batches) throws Exception {
    Path file = folder.resolve("golden.arrow");
    Files.deleteIfExists(file);
    try (Batch first = batches[0].batch(arrow.get());
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        ArrowFileWriter writer = new ArrowFileWriter(first.root(), null, channel)) {
      for (int i = 0; i < batches.length; i++) {
        writer.writeBatch();
      }
    }
    return file;
  }

  private void load(OnnxBuilder builder, Path golden) throws Exception {
    ModelSpec spec =
        new ModelSpec(
            "probe",
            "1.0.0",
            List.of(in("x", "left", "right")),
            List.of(),
            Map.of("left", new ModelSpec.Scale(5, 2)),
            Optional.of(new ModelSpec.Golden("golden.arrow", 1e-3)),
            Map.of());
    inference
        .load(spec, builder.write(folder.resolve("m.onnx")), Optional.of(golden), arrow.get())
        .close();
  }

  private AbstractThrowableAssert<?, ?> refused(OnnxBuilder builder, Path golden) {
    return assertThatThrownBy(() -> load(builder, golden))
        .isInstanceOf(PluginException.class)
        .satisfies(e -> assertThat(((PluginException) e).code().blame().name()).isEqualTo("CONFIG"))
        .hasMessageStartingWith("model probe@1.0.0");
  }

  private static OnnxBuilder negated(Object batch) {
    return new OnnxBuilder()
        .input("x", "float32", batch, 2)
        .output("y", "float32", batch, 2)
        .node("Neg", List.of("x"), List.of("y"));
  }

  private static Fixture sample(float last) {
    return new Fixture()
        .lists("x", FLOAT, 2, List.of(1, 2), List.of(3, 4), List.of(5, 6))
        .lists("y", FLOAT, 2, List.of(-1, -2), List.of(-3, -4), List.of(-5, last));
  }

  @Test
  void samplesThatFitLetTheModelIn() throws Exception {
    load(negated("n"), file(sample(-6.0005f)));
  }

  @Test
  void samplesAreRunInPiecesOfAFixedBatch() throws Exception {
    load(negated(2), file(sample(-6)));
    refused(negated(2), file(sample(-7))).hasMessageContaining("row 2, element 1");
  }

  @Test
  void aSampleThatDiffersRefusesTheModelAndSaysWhere() throws Exception {
    refused(negated("n"), file(sample(-6.5f)))
        .hasMessageContaining(
            "golden samples golden.arrow: output 'y', row 2, element 1: expected -6.5, got -6.0,"
                + " difference 0.5, tolerance 0.001");
  }

  @Test
  void rowsAreCountedOverAllBatchesOfTheFile() throws Exception {
    Fixture one =
        new Fixture().lists("x", FLOAT, 2, List.of(1, 2)).lists("y", FLOAT, 2, List.of(-1, -2));
    load(negated("n"), file(one, one, one));
  }

  @Test
  void notANumberIsOnlyEqualToItself() throws Exception {
    load(
        negated("n"),
        file(
            new Fixture()
                .lists("x", FLOAT, 2, List.of(Float.NaN, Float.POSITIVE_INFINITY))
                .lists("y", FLOAT, 2, List.of(Float.NaN, Float.NEGATIVE_INFINITY))));
    refused(
            negated("n"),
            file(
                new Fixture()
                    .lists("x", FLOAT, 2, List.of(Float.NaN, 1))
                    .lists("y", FLOAT, 2, List.of(0, -1))))
        .hasMessageContaining("expected 0.0, got NaN");
  }

  @Test
  void scalarColumnsAndTextsAreCompared() throws Exception {
    ModelSpec spec = spec("a");
    Path golden =
        file(
            new Fixture()
                .column("x", ElementType.STRING.column, "a", "b")
                .column("y", ElementType.STRING.column, "a", "c"));
    Path model = OnnxBuilder.identity("string", "n", 1).write(folder.resolve("m.onnx"));
    assertThatThrownBy(() -> inference.load(spec, model, Optional.of(golden), arrow.get()))
        .hasMessageContaining("output 'y', row 1: expected 'c', got 'b'");
  }

  @Test
  void largeIntegersAreComparedExactly() throws Exception {
    long large = (1L << 53) + 1;
    Path golden =
        file(
            new Fixture()
                .column("x", ElementType.INT64.column, large)
                .column("y", ElementType.INT64.column, large - 1));
    Path model = OnnxBuilder.identity("int64", "n", 1).write(folder.resolve("m.onnx"));
    assertThatThrownBy(() -> inference.load(spec("a"), model, Optional.of(golden), arrow.get()))
        .hasMessageContaining("expected 9007199254740992, got 9007199254740993");
  }

  @Test
  void aFileWithoutAColumnOrWithMissingValuesIsRefused() throws Exception {
    refused(negated("n"), file(new Fixture().lists("x", FLOAT, 2, List.of(1, 2))))
        .hasMessageContaining("needs field 'y'");
    refused(
            negated("n"),
            file(
                new Fixture()
                    .lists("x", FLOAT, 2, List.of(1, 2))
                    .lists("y", FLOAT, 3, List.of(1, 2, 3))))
        .hasMessageContaining("column 'y' holds 3 float32 a row, the output has 2 float32");
    refused(
            negated("n"),
            file(
                new Fixture()
                    .lists("x", FLOAT, 2, List.of(1, 2), null)
                    .lists("y", FLOAT, 2, List.of(-1, -2), List.of(1, 2))))
        .hasMessageContaining("column 'x' has missing values");
  }

  @Test
  void aFileThatIsNotArrowIsRefused() throws Exception {
    for (String content : List.of("", "ARROW1", "no arrow at all, but rather long, is it not?")) {
      refused(negated("n"), Files.writeString(folder.resolve("golden.arrow"), content))
          .hasMessageContaining("cannot be read")
          .hasMessageContaining("Arrow IPC file");
    }
    refused(negated("n"), folder.resolve("nowhere.arrow")).hasMessageContaining("nowhere.arrow");
    assertThat(ErrorCode.CONFIG_INVALID.retriable()).isFalse();
  }
}
