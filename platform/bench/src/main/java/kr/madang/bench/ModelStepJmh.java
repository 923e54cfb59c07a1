package kr.madang.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import kr.madang.inference.ModelStep;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The model step and ONNX Runtime alone, by wall time and with error bars. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ModelStepJmh {
  /** Rows of a call. */
  @Param({"1", "256", "4096"})
  public int rows;

  private final BufferAllocator allocator = new RootAllocator();
  private Perceptron perceptron;
  private Perceptron.Raw raw;
  private Batch batch;
  private Transform step;

  /** Called by JMH, as the setup then fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public ModelStepJmh() {}

  /** Loads the model twice. */
  @Setup(Level.Trial)
  public void load() throws Exception {
    perceptron = new Perceptron(allocator, List.of("window"));
    raw = perceptron.raw(rows);
    batch = InferenceBar.frames(allocator, rows);
    step =
        perceptron
            .inference()
            .step(perceptron.model(), perceptron.inference().tenant("default"))
            .open(
                new ModelStep.Config(List.of()),
                batch.schema(),
                new InferenceBar.Context(allocator));
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    step.close();
    batch.close();
    raw.close();
    perceptron.close();
    allocator.close();
  }

  /** ONNX Runtime with tensors made once. */
  @Benchmark
  public void raw() throws Exception {
    raw.run();
  }

  /** Ours, from Arrow to Arrow. */
  @Benchmark
  public void step() throws Exception {
    step.apply(batch, InferenceBar.Closing.INSTANCE);
  }
}
