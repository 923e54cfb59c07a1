package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class ImportTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path home;
  private Path folder;
  private Path prepared;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  @BeforeEach
  void folders() throws Exception {
    folder = Files.createDirectory(home.resolve("package"));
    prepared = Files.createDirectory(home.resolve("prepared"));
  }

  @AfterEach
  void close() {
    inference.close();
  }

  private static ModelSpec spec(ModelSpec.Limits... limits) {
    return new ModelSpec(
        "probe",
        "1.0.0",
        List.of(Fixture.in("x", "a")),
        List.of(),
        Map.of(),
        Optional.empty(),
        Map.of(),
        List.of(limits).stream().findFirst());
  }

  private ImportReport inspect(OnnxBuilder builder, ModelSpec.Limits... limits) throws Exception {
    builder.write(folder.resolve("model.onnx"));
    return inference.inspect(spec(limits), folder, prepared, arrow.get());
  }

  private static OnnxBuilder mlp(int... layers) {
    return OnnxBuilder.perceptron(1, layers);
  }

  @Test
  void theReportSaysWhatTheModelIsAndHowItRuns() throws Exception {
    ImportReport report = inspect(mlp(8, 64, 64, 1));
    assertThat(report.refusals()).isEmpty();
    assertThat(report.irVersion()).isEqualTo(8);
    assertThat(report.producer()).isEqualTo("madang-test");
    assertThat(report.opsets()).containsEntry("ai.onnx", 17L).containsEntry("ai.onnx.ml", 3L);
    assertThat(report.operators())
        .containsExactly(
            new ImportReport.Operator("ai.onnx", "Gemm", 3),
            new ImportReport.Operator("ai.onnx", "Relu", 2));
    assertThat(report.inputs())
        .containsExactly(
            new ModelInfo.Signature("x", "float32", List.of(-1L, 8L), List.of("n", "")));
    assertThat(report.weights())
        .isEqualTo(new ImportReport.Constants(6, 4 * (8 * 64 + 64 + 64 * 64 + 64 + 64 + 1)));
    assertThat(report.curve()).extracting(ImportReport.BatchTime::rows).startsWith(1L, 2L, 8L);
    assertThat(report.curve()).allMatch(time -> time.micros() > 0 && time.runs() > 0);
    assertThat(report.longest()).get().matches(node -> node.operator().endsWith("Gemm"));
    assertThat(report.longest().orElseThrow().cancellable()).isTrue();
    assertThat(report.times().coldLoadMicros()).isPositive();
    assertThat(report.times().firstRunMicros()).isPositive();
    assertThat(report.settings()).isEqualTo(new ImportReport.Settings("cpu", true, false, false));
    assertThat(report.warnings()).anyMatch(warning -> warning.contains("golden samples"));
    assertThat(Inference.isPrepared(prepared)).isTrue();
    assertThat(prepared).isDirectoryContaining("glob:**/model.onnx");
    assertThat(Files.list(prepared)).hasSize(2);
    System.out.println("import: " + report);
  }

  @Test
  void whatIsPreparedServesAsTheOriginalDoes() throws Exception {
    OnnxBuilder builder = mlp(8, 16, 3);
    inspect(builder);
    Tensor x = floats(2, 8);
    try (LoadedModel original = load(folder);
        LoadedModel fresh = load(prepared)) {
      assertThat(fresh.info()).isEqualTo(original.info());
      assertThat(fresh.run(List.of(x)).getFirst().data())
          .isEqualTo(original.run(List.of(x)).getFirst().data());
    }
  }

  private LoadedModel load(Path from) throws Exception {
    return inference.load(spec(), from.resolve("model.onnx"), Optional.empty(), arrow.get());
  }

  private static Tensor floats(int rows, int columns) {
    ByteBuffer data = ByteBuffer.allocateDirect(rows * columns * 4).order(ByteOrder.nativeOrder());
    for (int i = 0; i < rows * columns; i++) {
      data.putFloat(i * 4, i / 7f);
    }
    return new Tensor("x", "float32", new long[] {rows, columns}, data);
  }

  @Test
  void aLargeModelIsOptimisedAndItsWeightsPackedOnce() throws Exception {
    ImportReport report = inspect(mlp(64, 1024, 1024, 8));
    assertThat(report.refusals()).isEmpty();
    assertThat(report.settings().prepacked()).isTrue();
    assertThat(prepared).isDirectoryContaining("regex:.*/[0-9a-f]{64}[.]bin");
    assertThat(report.memory().estimateBytes()).isGreaterThan(report.weights().bytes());
    Tensor x = floats(5, 64);
    try (LoadedModel original = load(folder);
        LoadedModel fresh = load(prepared)) {
      assertThat(MadeUp.same(original.run(List.of(x)).getFirst(), fresh.run(List.of(x)).getFirst()))
          .isTrue();
    }
  }

  @Test
  void whatWasPreparedElsewhereIsNotLoaded() throws Exception {
    inspect(mlp(8, 16, 3));
    Files.writeString(prepared.resolve("prepared.key"), "1 onnxruntime 0.0.1 amd64 00");
    assertThat(Inference.isPrepared(prepared)).isFalse();
    assertThatThrownBy(() -> load(prepared)).hasMessageContaining("examine the model again");
  }

  @Test
  void wideUnsignedInputsGetACastThatTheReportNames() throws Exception {
    ImportReport report = inspect(OnnxBuilder.identity("uint64", "n", 3));
    assertThat(report.refusals()).isEmpty();
    assertThat(report.casts()).containsExactly(new ImportReport.Carried("x", "uint64", "int64"));
    assertThat(report.inputs().getFirst().type()).isEqualTo("uint64");
    ByteBuffer data = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder());
    data.putLong(0, -1).putLong(8, Long.MIN_VALUE).putLong(16, 1);
    try (LoadedModel model = load(prepared)) {
      assertThat(model.info().inputs().getFirst().type()).isEqualTo("uint64");
      Tensor got =
          model.run(List.of(new Tensor("x", "uint64", new long[] {1, 3}, data))).getFirst();
      assertThat(got.type()).isEqualTo("uint64");
      assertThat(got.data()).isEqualTo(data);
    }
  }

  @Test
  void aZipMapGivesItsProbabilitiesAndTheReportItsLabels() throws Exception {
    ImportReport report =
        inspect(
            new OnnxBuilder()
                .input("x", "float32", "n", 2)
                .mapsOutput("p")
                .node(
                    "ai.onnx.ml", "ZipMap", List.of("x"), List.of("p"), "classlabels_int64s=7,9,"));
    assertThat(report.refusals()).isEmpty();
    assertThat(report.maps()).containsExactly(new ImportReport.Unzipped("p", List.of("7", "9")));
    try (LoadedModel model = load(prepared)) {
      Tensor x = floats(2, 2);
      assertThat(model.run(List.of(x)).getFirst().data()).isEqualTo(x.data());
    }
  }

  @Test
  void weightsMayLieInAFileOfThePackage() throws Exception {
    ImportReport report = inspect(external("weights.bin", 0, 16));
    assertThat(report.refusals())
        .extracting(ImportReport.Refusal::where)
        .containsExactly("external data 'weights.bin'");
    Files.write(folder.resolve("weights.bin"), new byte[16]);
    report = inspect(external("weights.bin", 0, 16));
    assertThat(report.refusals()).isEmpty();
    assertThat(report.dataFiles()).containsExactly(new ImportReport.DataFile("weights.bin", 16));
    try (LoadedModel model = load(prepared)) {
      assertThat(model.run(List.of(floats(1, 2)))).hasSize(1);
    }
  }

  private static OnnxBuilder external(String file, long offset, long length) {
    return new OnnxBuilder()
        .input("x", "float32", "n", 2)
        .output("y", "float32", "n", 2)
        .external("w", "float32", file, offset, length, 2, 2)
        .node("MatMul", List.of("x", "w"), List.of("y"));
  }

  @Test
  void weightsMayLieNowhereElse() throws Exception {
    Path secret = Files.write(home.resolve("secret"), new byte[64]);
    Files.createSymbolicLink(folder.resolve("link"), secret);
    Files.createLink(folder.resolve("hard"), secret);
    Files.createDirectory(folder.resolve("sub"));
    Files.write(folder.resolve("short"), new byte[12]);
    for (String name :
        List.of(
            "../secret",
            secret.toString(),
            "sub",
            "sub/../../secret",
            "link",
            "hard",
            "",
            ".",
            "..",
            "no",
            "a\\b",
            "C:x",
            "a\0b",
            "n".repeat(300))) {
      ImportReport report = inspect(external(name, 0, 16));
      assertThat(report.refusals()).as(name).hasSize(1);
      assertThat(report.refusals().getFirst().where()).startsWith("external data '");
    }
    assertThat(inspect(external("short", 0, 16)).refusals().getFirst().text())
        .isEqualTo("tensor 'w': expected 16 bytes from byte 0 of 'short', got a file of 12 bytes");
    Files.write(folder.resolve("short"), new byte[16]);
    assertThat(inspect(external("short", 4, 16)).refusals()).hasSize(1);
    assertThat(inspect(external("short", Long.MAX_VALUE, 16)).refusals()).hasSize(1);
    assertThat(inspect(external("short", 0, 17)).refusals()).hasSize(1);
    assertThat(prepared).isEmptyDirectory();
  }

  @Test
  void operatorsThatNobodyKnowsAreRefused() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"", "Launch"},
          {"ai.onnx.contrib", "AzureAudioToText"},
          {"com.microsoft", "EPContext"},
          {"com.microsoft.nchwc", "Conv"},
          {"my.domain", "Identity"}
        }) {
      ImportReport report =
          inspect(
              new OnnxBuilder()
                  .input("x", "float32", "n", 2)
                  .output("y", "float32", "n", 2)
                  .node(wrong[0], wrong[1], List.of("x"), List.of("y")));
      assertThat(report.refusals()).hasSize(1);
      assertThat(report.refusals().getFirst().text()).contains("node0").contains(wrong[1]);
    }
    assertThatThrownBy(() -> inference.examine(spec(), folder, prepared, arrow.get(), _ -> {}))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("model probe@1.0.0 is refused: node 'node0'")
        .extracting(e -> ((PluginException) e).code())
        .isEqualTo(ErrorCode.CONFIG_INVALID);
  }

  @Test
  void notesOfTheImportCannotBeForged() throws Exception {
    assertThat(inspect(mlp(2, 2).note("madang.unsigned.x", "uint32")).refusals()).hasSize(1);
  }

  private static OnnxBuilder filled(long... shape) {
    return new OnnxBuilder()
        .input("x", "float32", "n", 2)
        .output("y", "float32", "n", 2)
        .shapeless("z", "float32")
        .integers("size", shape, shape.length)
        .node("Identity", List.of("x"), List.of("y"))
        .node("ConstantOfShape", List.of("size"), List.of("z"));
  }

  @Test
  void tensorsOfAKnownHugeSizeAreRefusedBeforeAnythingIsRun() throws Exception {
    assertThat(inspect(filled(1L << 20, 1L << 20)).refusals().getFirst().text())
        .contains("ConstantOfShape")
        .contains("268,435,456 bytes");
    assertThat(inspect(filled(Long.MAX_VALUE, Long.MAX_VALUE)).refusals()).hasSize(1);
    Prepared.clear(prepared);
    assertThat(inspect(filled(10, 10)).refusals()).isEmpty();
  }

  @Test
  void growthByDataNeedsADeclaredCap() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .shapeless("z", "float32")
            .integers("axes", new long[] {0}, 1)
            .node("Identity", List.of("x"), List.of("y"))
            .node("ReduceMax", List.of("x"), List.of("most"), "keepdims=0")
            .node("Cast", List.of("most"), List.of("whole"), "to=7")
            .node("Unsqueeze", List.of("whole", "axes"), List.of("size"))
            .node("ConstantOfShape", List.of("size"), List.of("z"));
    ImportReport report = inspect(builder);
    assertThat(report.refusals()).hasSize(1);
    assertThat(report.refusals().getFirst().expected()).contains("limits: {peakBytes");
    assertThat(inspect(builder, new ModelSpec.Limits(1 << 30, 1000)).refusals()).isEmpty();
  }

  @Test
  void aDeclaredCapThatTheTrialPassesIsRefused() throws Exception {
    // an outer product of 4,096 by 4,096 within the graph takes 64 MiB
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 4096)
            .output("y", "float32", "n", 4096)
            .integers("back", new long[] {2}, 1)
            .integers("row", new long[] {1}, 1)
            .node("Unsqueeze", List.of("x", "row"), List.of("a"))
            .node("Unsqueeze", List.of("x", "back"), List.of("b"))
            .node("Mul", List.of("a", "b"), List.of("square"))
            .node("ReduceMax", List.of("square"), List.of("y"), "axes=1,", "keepdims=0");
    ImportReport report = inspect(builder, new ModelSpec.Limits(1 << 20, 30_000));
    Assumptions.assumeTrue(Resident.watchPeak(), "the system tells no peak");
    assertThat(report.refusals()).hasSize(1);
    assertThat(report.refusals().getFirst().where()).isEqualTo("limits.peakBytes of model.yaml");
    assertThat(report.curve()).extracting(ImportReport.BatchTime::rows).containsExactly(1L);
  }

  @Test
  void growthByShapesIsFine() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .constant("one", "float32", new byte[] {0, 0, (byte) 0x80, 0x3f}, 1)
            .node("Shape", List.of("x"), List.of("shape"))
            .node("Expand", List.of("one", "shape"), List.of("ones"))
            .node("Mul", List.of("x", "ones"), List.of("y"));
    assertThat(inspect(builder).refusals()).isEmpty();
  }

  /** A loop that adds one for a very long time. */
  static OnnxBuilder loop(long times) {
    OnnxBuilder body =
        new OnnxBuilder()
            .input("i", "int64")
            .input("go", "bool")
            .input("v", "float32", "m", 2)
            .output("on", "bool")
            .output("w", "float32", "m", 2)
            .constant("one", "float32", new byte[] {0, 0, (byte) 0x80, 0x3f}, 1)
            .node("Identity", List.of("go"), List.of("on"))
            .node("Add", List.of("v", "one"), List.of("w"));
    return new OnnxBuilder()
        .input("x", "float32", "n", 2)
        .output("y", "float32", "n", 2)
        .integers("times", new long[] {times})
        .constant("yes", "bool", new byte[] {1})
        .around("Loop", List.of("times", "yes", "x"), List.of("y"), "body", body);
  }

  @Test
  void aLoopNeedsADeclaredCapAndThenIsMeasured() throws Exception {
    assertThat(inspect(loop(10)).refusals().getFirst().text()).contains("Loop").contains("limits");
    assertThat(inspect(loop(10), new ModelSpec.Limits(1 << 30, 1000)).refusals()).isEmpty();
    try (LoadedModel model = load(prepared)) {
      assertThat(model.run(List.of(floats(1, 2))).getFirst().data().getFloat(0)).isEqualTo(10f);
    }
  }

  @Test
  void aLoopWithoutEndIsStoppedWhileItIsExamined() throws Exception {
    ImportReport report = inspect(loop(Long.MAX_VALUE), new ModelSpec.Limits(1 << 30, 300));
    assertThat(report.refusals()).hasSize(1);
    assertThat(report.refusals().getFirst().text())
        .contains("expected an answer within 300 ms")
        .contains("stopped");
  }

  @Test
  void aLoopWithoutEndIsStoppedAtTheDeadlineOfTheCall() throws Exception {
    loop(Long.MAX_VALUE).write(folder.resolve("model.onnx"));
    assertStoppedAtItsDeadline(Hold.NONE);
    assertStoppedAtItsDeadline(Hold.BRIEF);
  }

  private void assertStoppedAtItsDeadline(Hold hold) throws Exception {
    try (LoadedModel model = load(folder)) {
      for (int i = 0; i < 100; i++) {
        model.curve().looked(1, 1_000); // as if it had been short so far
      }
      var failed = new java.util.concurrent.CompletableFuture<ErrorCode>();
      long start = System.nanoTime();
      Ticket ticket =
          model.call(
              inference.tenant("a"),
              new Call(List.of(floats(1, 2)), List.of(), 0, start + 200_000_000, false),
              hold,
              new Reply() {
                @Override
                public void answered(Answer answer) {
                  answer.close();
                  failed.complete(ErrorCode.BUG);
                }

                @Override
                public void failed(ErrorCode code, String message, Duration after) {
                  failed.complete(code);
                }
              });
      assertThat(ticket).isNotNull();
      assertThat(failed.get(20, java.util.concurrent.TimeUnit.SECONDS))
          .isEqualTo(CallError.DEADLINE);
    }
  }

  /** A model that is short until it is not must not stop the thread that serves many others. */
  @Test
  void aRunThatWasTakenForAShortOneStartsAnewOnAThreadOfItsOwn() throws Exception {
    int times = 2_000_000;
    loop(times).write(folder.resolve("model.onnx"));
    try (LoadedModel model = load(folder)) {
      for (int strike = 1; strike <= 3; strike++) {
        for (int i = 0; i < 1000; i++) {
          model.curve().looked(1, 1_000);
        }
        assertThat(model.curve().below(1, Hold.BRIEF.nanos)).isTrue();
        var by = new java.util.concurrent.CompletableFuture<Thread>();
        model.call(
            inference.tenant("a"),
            new Call(List.of(floats(1, 2))),
            Hold.BRIEF,
            new Reply() {
              @Override
              public void answered(Answer answer) {
                try (answer) {
                  assertThat(answer.outputs().getFirst().data().getFloat(0)).isEqualTo(times);
                  by.complete(Thread.currentThread());
                } catch (Throwable t) {
                  by.completeExceptionally(t);
                }
              }

              @Override
              public void failed(ErrorCode code, String message, Duration after) {
                by.completeExceptionally(new AssertionError(code + ": " + message));
              }
            });
        assertThat(by.get(60, java.util.concurrent.TimeUnit.SECONDS))
            .isNotSameAs(Thread.currentThread());
        assertThat(model.curve().below(1, Hold.BRIEF.nanos)).isFalse();
      }
      for (int i = 0; i < 1000; i++) {
        model.curve().looked(1, 1_000);
      }
      assertThat(model.curve().below(1, Hold.BRIEF.nanos)).as("not after three times").isFalse();
    }
  }

  @Test
  void whoWaitsIsToldHowFarItHasCome() throws Exception {
    new OnnxBuilder()
        .input("x", "float32", "n", 2)
        .output("y", "float32", "n", 2)
        .node("Neg", List.of("x"), List.of("y"))
        .write(folder.resolve("model.onnx"));
    List<ExaminationStage> told = new java.util.ArrayList<>();
    inference.examine(spec(), folder, prepared, arrow.get(), told::add);
    List<ExaminationStage> all = new java.util.ArrayList<>(List.of(ExaminationStage.values()));
    all.remove(ExaminationStage.WAITING);
    assertThat(told).isEqualTo(all);
  }
}
