package kr.madang.toy;

import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.contract.ModelContract;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** y = 2x + 1. Not run by name: {@link ModelContractTest} does. */
final class ToyModelContract extends ModelContract {
  @TempDir Path golden;
  private int runs;

  @BeforeEach
  void writeGolden() throws Exception {
    try (BufferAllocator allocator = new RootAllocator();
        Float8Vector x = new Float8Vector("x", allocator);
        Float8Vector y = new Float8Vector("y", allocator)) {
      for (int row = 0; row < 5; row++) {
        x.setSafe(row, row);
        y.setSafe(row, 2 * row + 1);
      }
      x.setValueCount(5);
      y.setValueCount(5);
      try (VectorSchemaRoot root = VectorSchemaRoot.of(x, y);
          ArrowFileWriter writer =
              new ArrowFileWriter(
                  root,
                  null,
                  Channels.newChannel(Files.newOutputStream(golden.resolve("golden.arrow"))))) {
        root.setRowCount(5);
        writer.writeBatch();
      }
    }
  }

  @Override
  protected ModelSpec spec() {
    TensorBinding x = new TensorBinding("x", List.of(), List.of(), "", OnBad.REJECT, "", "");
    TensorBinding y = new TensorBinding("y", List.of(), List.of(), "", OnBad.REJECT, "", "");
    String scaled = ModelFlaw.SCALES_A_STRANGER.here() ? "z" : "x";
    return new ModelSpec(
        "toy",
        "1.0.0",
        List.of(x),
        List.of(y),
        Map.of(scaled, new ModelSpec.Scale(0, 1)),
        Optional.of(new ModelSpec.Golden("golden.arrow", 1e-6)),
        Map.of());
  }

  @Override
  protected Path folder() {
    return golden;
  }

  @Override
  protected VectorSchemaRoot run(VectorSchemaRoot inputs, BufferAllocator allocator) {
    runs++;
    int rows = inputs.getRowCount();
    Float8Vector x = (Float8Vector) inputs.getVector("x");
    Float8Vector y = new Float8Vector("y", allocator);
    for (int row = 0; row < rows; row++) {
      double value = 2 * x.get(row) + 1;
      if (ModelFlaw.OFF.here()) {
        value += 0.01;
      } else if (ModelFlaw.DEPENDS_ON_THE_BATCH.here() && rows == 1) {
        value = 1;
      } else if (ModelFlaw.COUNTS_ITS_RUNS.here()) {
        value += runs * 1e-9;
      }
      y.setSafe(row, value);
    }
    y.setValueCount(rows);
    return VectorSchemaRoot.of(y);
  }
}
