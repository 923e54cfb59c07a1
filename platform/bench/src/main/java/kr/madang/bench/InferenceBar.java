package kr.madang.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import kr.madang.inference.ModelStep;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The model step over Arrow against ONNX Runtime alone, same thread, turn about. */
final class InferenceBar implements Bar {

  /** A context with nothing but memory. */
  record Context(BufferAllocator allocator) implements TransformContext {
    @Override
    public String name() {
      return "bench";
    }

    @Override
    public Logger logger() {
      return LoggerFactory.getLogger("bench");
    }
  }

  @Override
  public String name() {
    return "inference";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    List<Figure> figures = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        Perceptron perceptron = new Perceptron(allocator, List.of("window"))) {
      for (int rows : new int[] {1, 256, 4096}) {
        figures.add(compare(perceptron, allocator, rows, quick));
      }
    }
    return figures;
  }

  private static Figure compare(
      Perceptron perceptron, BufferAllocator allocator, int rows, boolean quick) throws Exception {
    TransformFactory<ModelStep.Config> factory =
        perceptron.inference().step(perceptron.model(), perceptron.inference().tenant("default"));
    try (Perceptron.Raw raw = perceptron.raw(rows);
        Batch batch = frames(allocator, rows);
        Transform step =
            factory.open(new ModelStep.Config(List.of()), batch.schema(), new Context(allocator))) {
      int calls = Math.max(20, 400_000 / (rows * 3 + 60));
      int rounds = quick ? 21 : 61;
      double[] ours = new double[rounds];
      double[] bare = new double[rounds];
      for (int round = -10; round < rounds; round++) {
        long start = Cpu.thread();
        for (int i = 0; i < calls; i++) {
          raw.run();
        }
        long middle = Cpu.thread();
        for (int i = 0; i < calls; i++) {
          step.apply(batch, Closing.INSTANCE);
        }
        long end = Cpu.thread();
        if (round >= 0) {
          bare[round] = (middle - start) / 1e3 / calls;
          ours[round] = (end - middle) / 1e3 / calls;
        }
      }
      Arrays.sort(ours);
      Arrays.sort(bare);
      double value = ours[rounds / 2];
      double base = bare[rounds / 2];
      boolean single = rows == 1;
      return new Figure(
          "inference " + rows + (single ? " row" : " rows"),
          value,
          "us/call",
          base,
          single ? "raw + 1 us" : "ratio <= 1.05",
          value,
          single ? value <= base + 1 : value <= 1.05 * base);
    }
  }

  static Batch frames(BufferAllocator allocator, int rows) {
    Field cell = Field.nullable("item", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
    Field window =
        new Field(
            "window",
            FieldType.nullable(new ArrowType.FixedSizeList(Perceptron.INPUTS)),
            List.of(cell));
    Schema schema = Frames.schema(List.of(window));
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(rows);
      vector.allocateNew();
    }
    FixedSizeListVector list = (FixedSizeListVector) root.getVector("window");
    Float4Vector values = (Float4Vector) list.getDataVector();
    for (int row = 0; row < rows; row++) {
      ((TimeStampNanoTZVector) root.getVector(0)).setSafe(row, row);
      ((UInt4Vector) root.getVector(2)).setSafe(row, 0);
      list.setNotNull(row);
      for (int i = 0; i < Perceptron.INPUTS; i++) {
        values.setSafe(row * Perceptron.INPUTS + i, (row * 31 + i) % 17 / 17f);
      }
    }
    root.setRowCount(rows);
    return Batch.of(root);
  }

  /** Closes what comes. */
  enum Closing implements BatchOutput {
    INSTANCE;

    @Override
    public void emit(Batch batch) {
      batch.close();
    }

    @Override
    public void filtered(long rows) {}

    @Override
    public void dropped(String policy, long rows) {
      throw new IllegalStateException(rows + " rows dropped: " + policy);
    }

    @Override
    public void reject(Batch in, BitSet rows, String why) {
      throw new IllegalStateException(why);
    }
  }
}
