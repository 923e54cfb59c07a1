package kr.madang.inference;

import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class StressTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() throws Exception {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private static InferenceOptions options(int permits, long permitMillis, long runMillis) {
    return new InferenceOptions(
        permits, Duration.ofMillis(permitMillis), Duration.ofMillis(runMillis));
  }

  /** Multiplies a square matrix with itself again and again: many nodes, each takes its time. */
  private Path slow(int nodes, int size) {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", size)
            .output("y", "float32", "n", size)
            .weights("w", new float[size * size], size, size);
    String from = "x";
    for (int i = 0; i < nodes; i++) {
      String to = i == nodes - 1 ? "y" : "h" + i;
      builder.node("MatMul", List.of(from, "w"), List.of(to));
      from = to;
    }
    return builder.write(folder.resolve("slow.onnx"));
  }

  private static Tensor zeros(long rows, long columns) {
    return new Tensor(
        "x",
        "float32",
        new long[] {rows, columns},
        ByteBuffer.allocateDirect((int) (rows * columns * 4)).order(ByteOrder.nativeOrder()));
  }

  @Test
  void closingAModelUnderItsRunsEndsInErrorsAndNeverInACrash() throws Exception {
    try (Inference inference = Inference.open(options(4, 20_000, 0))) {
      Path file = OnnxBuilder.perceptron(1, 8, 32, 1).write(folder.resolve("m.onnx"));
      for (int round = 0; round < 30; round++) {
        LoadedModel model = inference.load(spec("a"), file, Optional.empty(), arrow.get());
        List<Future<Void>> runs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          Callable<Void> loop =
              () -> {
                while (true) {
                  model.run(List.of(zeros(4, 8)));
                }
              };
          runs.add(threads.submit(loop));
        }
        Await.until("runs go on", () -> model.runs() > 8);
        model.close();
        for (Future<Void> run : runs) {
          assertThatThrownBy(() -> run.get(20, TimeUnit.SECONDS))
              .isInstanceOf(ExecutionException.class)
              .cause()
              .hasMessageContaining("no longer loaded");
        }
        assertThat(model.awaitReleased(Duration.ofSeconds(20))).isTrue();
      }
      assertThat(inference.freePermits()).isEqualTo(4);
    }
  }

  @Test
  void closingAStepUnderItsApplyWaitsForTheRun() throws Exception {
    try (Inference inference = Inference.open(options(2, 20_000, 0))) {
      Path file = OnnxBuilder.perceptron(1, 2, 32, 1).write(folder.resolve("m.onnx"));
      LoadedModel model = inference.load(spec("a"), file, Optional.empty(), arrow.get());
      try (Batch batch =
          new Fixture()
              .lists("a", ElementType.FLOAT32.column, 2, List.of(1, 2), List.of(3, 4))
              .batch(arrow.get())) {
        for (int round = 0; round < 50; round++) {
          Transform step =
              inference
                  .step(model, inference.tenant("default"))
                  .open(
                      new ModelStep.Config(List.of()),
                      batch.schema(),
                      new FakeTransformContext(arrow.get()));
          long before = model.runs();
          Callable<Void> loop =
              () -> {
                while (true) {
                  try (CollectedOutput got = new CollectedOutput()) {
                    step.apply(batch, got);
                  }
                }
              };
          Future<Void> run = threads.submit(loop);
          Await.until("the step runs", () -> model.runs() > before + 3);
          step.close();
          assertThatThrownBy(() -> run.get(20, TimeUnit.SECONDS))
              .cause()
              .hasMessageContaining("closed");
        }
      }
      model.close();
      assertThat(model.awaitReleased(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void severalStepsOfOneModelRunAtOnceAndAgree() throws Exception {
    try (Inference inference = Inference.open(options(2, 20_000, 0));
        LoadedModel model =
            inference.load(
                spec("a"),
                OnnxBuilder.perceptron(9, 2, 16, 1).write(folder.resolve("m.onnx")),
                Optional.empty(),
                arrow.get())) {
      List<Future<List<Object>>> results = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        results.add(
            threads.submit(() -> {
              List<Object> last = List.of();
              try (Batch batch =
                      new Fixture()
                          .lists("a", ElementType.FLOAT32.column, 2, List.of(1, 2))
                          .batch(arrow.get());
                  Transform step =
                      inference
                          .step(model, inference.tenant("default"))
                          .open(
                              new ModelStep.Config(List.of()),
                              batch.schema(),
                              new FakeTransformContext(arrow.get()))) {
                for (int n = 0; n < 200; n++) {
                  try (CollectedOutput got = new CollectedOutput()) {
                    step.apply(batch, got);
                    last = List.of(got.rows().toString());
                  }
                }
              }
              return last;
            }));
      }
      List<Object> first = results.getFirst().get(60, TimeUnit.SECONDS);
      for (Future<List<Object>> result : results) {
        assertThat(result.get(60, TimeUnit.SECONDS)).isEqualTo(first);
      }
    }
  }

  @Test
  void aPermitThatDoesNotComeInTimeIsNotWaitedForAnyLonger() throws Exception {
    Gate gate = new Gate(1);
    Gate.Line first = new Gate.Line();
    Gate.Line second = new Gate.Line();
    assertThat(gate.tryEnter(first, 1)).isTrue();
    assertThat(gate.enter(second, 1, TimeUnit.MILLISECONDS.toNanos(30))).isFalse();
    assertThat(second.length()).isZero();
    gate.leave();
    assertThat(gate.enter(second, 1, 1)).isTrue();
    gate.leave();
    assertThat(gate.free()).isEqualTo(1);
  }

  @Test
  void aRunThatTakesTooLongIsStoppedAndTheNextOneIsNot() throws Exception {
    try (Inference inference = Inference.open(options(1, 20_000, 40));
        LoadedModel model =
            inference.load(spec("a"), slow(2000, 256), Optional.empty(), arrow.get())) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> model.run(List.of(zeros(4096, 256))))
            .isInstanceOf(PluginException.class)
            .hasMessage("model probe@1.0.0 was stopped after the 40 ms that one run may take");
      }
    }
    try (Inference inference = Inference.open(options(1, 20_000, 20_000));
        LoadedModel model = inference.load(spec("a"), slow(3, 16), Optional.empty(), arrow.get())) {
      assertThat(model.run(List.of(zeros(1, 16)))).hasSize(1);
    }
  }

  @Test
  void theStopOfOneRunDoesNotReachTheNext() throws Exception {
    try (Inference inference = Inference.open(options(1, 20_000, 300));
        LoadedModel model =
            inference.load(spec("a"), slow(400, 256), Optional.empty(), arrow.get())) {
      assertThatThrownBy(() -> model.run(List.of(zeros(20_000, 256))))
          .hasMessageContaining("was stopped");
      try (RunControl control = new RunControl()) {
        long first = control.begin();
        control.terminate(first);
        assertThat(control.end()).isTrue();
        control.begin();
        control.terminate(first);
        assertThat(control.end()).isFalse();
      }
    }
  }

  @Test
  void aHundredLoadsLeaveNoModelBehind() throws Exception {
    try (Inference inference = Inference.open(options(2, 20_000, 0))) {
      Path file = OnnxBuilder.perceptron(1, 8, 64, 64, 1).write(folder.resolve("m.onnx"));
      for (int i = 0; i < 100; i++) {
        LoadedModel model = inference.load(spec("a"), file, Optional.empty(), arrow.get());
        assertThat(model.run(List.of(zeros(1, 8)))).hasSize(1);
        model.close();
        assertThat(model.awaitReleased(Duration.ofSeconds(20))).isTrue();
      }
    }
  }
}
