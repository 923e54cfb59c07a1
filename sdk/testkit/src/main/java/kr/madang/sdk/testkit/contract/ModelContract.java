package kr.madang.sdk.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.util.TransferPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What is expected of a model: a spec that holds together, and golden samples that it reproduces,
 * alone as in a batch, in any order and as often as you like. Running a model is the host's; the
 * testkit has no runtime for it, so a test gives the way to one by {@link #run}.
 */
public abstract class ModelContract {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  /** For subclasses. */
  protected ModelContract() {}

  /** What is declared of the model. */
  protected abstract ModelSpec spec();

  /** The folder in which the golden samples lie. */
  protected abstract Path folder();

  /**
   * Runs the model once over all rows.
   *
   * @param inputs one column for each input tensor, by name; not to be closed
   * @return one column for each output tensor, by name, each of as many rows; the contract closes
   *     it
   */
  protected abstract VectorSchemaRoot run(VectorSchemaRoot inputs, BufferAllocator allocator)
      throws Exception;

  private double tolerance() {
    return spec().golden().map(ModelSpec.Golden::tolerance).orElse(0.0);
  }

  /** Reads the golden samples, of which there must be at least two rows. */
  private VectorSchemaRoot golden() throws Exception {
    ModelSpec.Golden golden =
        spec().golden().orElseThrow(() -> new AssertionError("the model has no golden samples"));
    BufferAllocator allocator = arrow.get();
    try (ArrowReader reader =
        new ArrowFileReader(Files.newByteChannel(folder().resolve(golden.file())), allocator)) {
      assertThat(reader.loadNextBatch()).as("rows in %s", golden.file()).isTrue();
      VectorSchemaRoot read = reader.getVectorSchemaRoot();
      assertThat(read.getRowCount()).as("rows in %s", golden.file()).isGreaterThan(1);
      List<FieldVector> columns = new ArrayList<>();
      for (FieldVector column : read.getFieldVectors()) {
        TransferPair pair = column.getTransferPair(allocator);
        pair.transfer();
        columns.add((FieldVector) pair.getTo());
      }
      return new VectorSchemaRoot(columns);
    }
  }

  private Set<String> inputs() {
    Set<String> names = new HashSet<>();
    spec().inputs().forEach(binding -> names.add(binding.tensor()));
    return names;
  }

  /** The output columns for some rows of the golden samples, as lists of numbers. */
  private List<List<Object>> outputs(VectorSchemaRoot golden, int from, int rows) throws Exception {
    Set<String> wanted = inputs();
    List<FieldVector> columns =
        golden.getFieldVectors().stream().filter(v -> wanted.contains(v.getName())).toList();
    List<List<Object>> outputs = new ArrayList<>();
    try (VectorSchemaRoot slice = slice(columns, from, rows);
        VectorSchemaRoot result = run(slice, arrow.get())) {
      for (FieldVector column : result.getFieldVectors()) {
        outputs.add(values(column, 0, rows));
      }
      assertThat(result.getRowCount()).as("rows of the outputs").isEqualTo(rows);
    }
    return outputs;
  }

  private VectorSchemaRoot slice(List<FieldVector> columns, int from, int rows) {
    List<FieldVector> slices = new ArrayList<>();
    for (FieldVector column : columns) {
      TransferPair pair = column.getTransferPair(arrow.get());
      pair.splitAndTransfer(from, rows);
      slices.add((FieldVector) pair.getTo());
    }
    return new VectorSchemaRoot(slices);
  }

  private static List<Object> values(FieldVector column, int from, int rows) {
    List<Object> values = new ArrayList<>();
    values.add(column.getName());
    for (int row = from; row < from + rows; row++) {
      flatten(column.getObject(row), values);
    }
    return values;
  }

  private static void flatten(Object value, List<Object> into) {
    if (value instanceof List<?> list) {
      list.forEach(each -> flatten(each, into));
    } else {
      into.add(value instanceof Number number ? number.doubleValue() : String.valueOf(value));
    }
  }

  private void assertNear(String what, List<Object> got, List<Object> expected) {
    assertThat(got).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < got.size(); i++) {
      if (got.get(i) instanceof Double a && expected.get(i) instanceof Double b) {
        boolean near = Math.abs(a - b) <= tolerance() || a.equals(b);
        assertThat(near).as("%s: expected %s ± %s, got %s", what, b, tolerance(), a).isTrue();
      } else {
        assertThat(got.get(i)).as(what).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  final void theSpecHoldsTogether() {
    ModelSpec spec = spec();
    assertThat(spec.name()).matches("[a-z0-9][a-z0-9._-]{0,62}");
    assertThat(spec.version()).as("a semantic version").matches("\\d+\\.\\d+\\.\\d+([-+].+)?");
    assertThat(spec.inputs()).as("inputs").isNotEmpty();
    List<String> tensors = new ArrayList<>();
    Set<String> fields = new HashSet<>();
    spec.inputs()
        .forEach(input -> {
          tensors.add(input.tensor());
          fields.addAll(input.fields().isEmpty() ? List.of(input.tensor()) : input.fields());
        });
    spec.outputs().stream().map(TensorBinding::tensor).forEach(tensors::add);
    assertThat(tensors).as("tensors").doesNotHaveDuplicates();
    assertThat(fields).as("fields that are scaled").containsAll(spec.scale().keySet());
    spec.scale()
        .forEach((field, scale) -> {
          assertThat(scale.deviation()).as("deviation of %s", field).isPositive().isFinite();
          assertThat(scale.mean()).as("mean of %s", field).isFinite();
        });
    assertThat(tolerance()).as("tolerance").isNotNegative().isFinite();
  }

  @Test
  final void theGoldenSamplesAreReproduced() throws Exception {
    try (VectorSchemaRoot golden = golden()) {
      int rows = golden.getRowCount();
      for (List<Object> output : outputs(golden, 0, rows)) {
        String name = String.valueOf(output.getFirst());
        FieldVector expected = golden.getVector(name);
        assertThat(expected).as("the golden column of output %s", name).isNotNull();
        assertNear(name, output, values(expected, 0, rows));
      }
    }
  }

  @Test
  final void aRowAloneGivesWhatItGivesInABatch() throws Exception {
    try (VectorSchemaRoot golden = golden()) {
      int rows = golden.getRowCount();
      List<List<Object>> together = outputs(golden, 0, rows);
      for (int row = 0; row < rows; row++) {
        List<List<Object>> alone = outputs(golden, row, 1);
        for (int i = 0; i < alone.size(); i++) {
          int width = alone.get(i).size() - 1;
          List<Object> expected = new ArrayList<>();
          expected.add(together.get(i).getFirst());
          expected.addAll(together.get(i).subList(1 + row * width, 1 + (row + 1) * width));
          assertNear("row " + row, alone.get(i), expected);
        }
      }
    }
  }

  @Test
  final void nothingIsKeptFromRunToRun() throws Exception {
    try (VectorSchemaRoot golden = golden()) {
      int rows = golden.getRowCount();
      List<List<Object>> first = outputs(golden, 0, rows);
      outputs(golden, rows - 1, 1);
      outputs(golden, 0, 1);
      assertThat(outputs(golden, 0, rows))
          .as("the same run once more, bit by bit")
          .isEqualTo(first);
    }
  }
}
