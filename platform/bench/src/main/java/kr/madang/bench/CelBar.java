package kr.madang.bench;

import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.Schema;

/** {@code where} and {@code derive} with a comparison of two fields, against a loop in Java. */
final class CelBar implements Bar {
  private static final int ROWS = 4096;

  @Override
  public String name() {
    return "cel";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    int rounds = quick ? 500 : 3_000;
    Schema schema =
        Frames.schema(
            List.of(
                Frames.field("a", Frames.DOUBLE, "", ""),
                Frames.field("b", Frames.DOUBLE, "", "")));
    try (BufferAllocator allocator = new RootAllocator();
        FrameWriter writer = new FrameWriter(allocator, schema)) {
      for (int i = 0; i < ROWS; i++) {
        writer.begin(i);
        writer.set(0, i % 13, Quality.GOOD);
        writer.set(1, i % 7, Quality.GOOD);
      }
      try (Batch batch = writer.take()) {
        double raw = loop(batch, rounds);
        return List.of(
            figure("where", "a > b", batch, allocator, rounds, raw),
            figure("derive", "{ high: 'a > b' }", batch, allocator, rounds, raw));
      }
    }
  }

  private static Figure figure(
      String step, String yaml, Batch batch, BufferAllocator allocator, int rounds, double raw)
      throws Exception {
    double value = apply(Stages.step(step, "source", yaml), batch, allocator, rounds);
    return new Figure(
        "cel " + step, value, "rows/s a core", raw, ">= 2000000", 1e6 / value, value >= 2e6);
  }

  private static <C> double apply(
      kr.madang.engine.Graph.StepNode<C> node, Batch batch, BufferAllocator allocator, int rounds)
      throws Exception {
    try (Transform step =
        node.factory().open(node.config(), batch.schema(), new InferenceBar.Context(allocator))) {
      for (int i = 0; i < rounds / 3; i++) {
        step.apply(batch, InferenceBar.Closing.INSTANCE);
      }
      long start = Cpu.thread();
      for (int i = 0; i < rounds; i++) {
        step.apply(batch, InferenceBar.Closing.INSTANCE);
      }
      return (double) rounds * ROWS / ((Cpu.thread() - start) / 1e9);
    }
  }

  private static double loop(Batch batch, int rounds) {
    Float8Vector a = (Float8Vector) batch.root().getVector("a");
    Float8Vector b = (Float8Vector) batch.root().getVector("b");
    long kept = 0;
    long start = 0;
    for (int i = -rounds / 3; i < rounds; i++) {
      if (i == 0) {
        start = Cpu.thread();
      }
      for (int row = 0; row < ROWS; row++) {
        if (!a.isNull(row) && !b.isNull(row) && a.get(row) > b.get(row)) {
          kept++;
        }
      }
    }
    double seconds = (Cpu.thread() - start) / 1e9;
    return kept == 0 ? Double.NaN : (double) rounds * ROWS / seconds;
  }
}
