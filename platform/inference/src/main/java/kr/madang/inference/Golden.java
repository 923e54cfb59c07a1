package kr.madang.inference;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Runs the golden samples of a model. Their columns are tensors as the graph sees them, so scale
 * does not apply.
 */
final class Golden {
  private final String where;
  private final double tolerance;
  private final Execution execution;
  private final List<FieldSource> expected = new ArrayList<>();
  private long done;
  private double worst;

  private Golden(String where, double tolerance, Execution execution, Schema schema) {
    this.where = where;
    this.tolerance = tolerance;
    this.execution = execution;
    for (OutputTensor output : execution.outputs()) {
      String tensor = output.spec().tensor();
      ColumnRef column = ColumnRef.find(schema, tensor, where);
      boolean text = output.spec().type() == ElementType.STRING;
      if (column.length() != output.elements() || text != (column.type() == ElementType.STRING)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "%s: column '%s' holds %d %s a row, the output has %d %s"
                .formatted(
                    where,
                    tensor,
                    column.length(),
                    column.type().label(),
                    output.elements(),
                    output.spec().type().label()));
      }
      expected.add(new FieldSource(column, new FieldSource.Place(0, 1), 0, 1));
    }
  }

  static ImportReport.GoldenResult run(LoadedModel model, Path file, BufferAllocator allocator)
      throws InterruptedException {
    Binding binding = model.binding();
    String where = "model %s, golden samples %s".formatted(binding.model(), file.getFileName());
    double tolerance = model.spec().golden().map(ModelSpec.Golden::tolerance).orElse(0.0);
    if (!(tolerance >= 0)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "%s: expected a tolerance of 0 or more, got %s".formatted(where, tolerance));
    }
    Session held = model.hold();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      List<InputSpec> inputs = binding.inputs().stream().map(InputSpec::bare).toList();
      try (Execution execution =
          new Execution(
              held, Tenant.NOBODY, binding, inputs, Map.of(), root.getSchema(), allocator)) {
        Golden golden = new Golden(where, tolerance, execution, root.getSchema());
        while (reader.loadNextBatch()) {
          golden.batch(root);
        }
        if (golden.done == 0) {
          throw new PluginException(ErrorCode.CONFIG_INVALID, where + ": the file has no rows");
        }
        return new ImportReport.GoldenResult(golden.done, golden.worst, tolerance);
      }
    } catch (IOException
        | IllegalArgumentException
        | org.apache.arrow.vector.ipc.InvalidArrowFileException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "%s: cannot be read (%s); expected an Arrow IPC file with a column for each tensor"
              .formatted(where, e.getMessage()),
          e);
    } finally {
      held.release();
    }
  }

  private void batch(VectorSchemaRoot root) throws InterruptedException {
    int rows = root.getRowCount();
    if (rows == 0) {
      return;
    }
    for (InputTensor input : execution.inputs()) {
      input.bind(root);
      whole(List.of(input.sources()), rows);
      input.place(InputTensor.ALL, rows, execution.padded(rows));
    }
    expected.forEach(source -> source.bind(root));
    whole(expected, rows);
    for (OutputTensor output : execution.outputs()) {
      output.intoStaging(execution.padded(rows));
    }
    execution.run(rows);
    for (int i = 0; i < expected.size(); i++) {
      compare(execution.outputs().get(i), expected.get(i), rows);
    }
    done += rows;
  }

  private void whole(List<FieldSource> sources, int rows) {
    for (FieldSource source : sources) {
      if (!source.clean(rows)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "%s: column '%s' has missing values".formatted(where, source.field));
      }
    }
  }

  private void compare(OutputTensor output, FieldSource source, int rows) {
    ElementType type = output.spec().type();
    long cells = (long) rows * output.elements();
    for (long i = 0; i < cells; i++) {
      if (type == ElementType.STRING) {
        String got = output.text((int) i);
        if (!got.equals(source.text(i))) {
          throw mismatch(output, i, "'" + source.text(i) + "'", "'" + got + "'", "");
        }
      } else if (type.isFloat() || source.type.isFloat()) {
        double got = Cells.number(type, output.base(), i);
        double wanted = source.number(i);
        worst = Math.max(worst, Double.compare(got, wanted) == 0 ? 0 : Math.abs(got - wanted));
        if (Double.compare(got, wanted) != 0 && !(Math.abs(got - wanted) <= tolerance)) {
          throw mismatch(output, i, wanted, got, ", difference " + Math.abs(got - wanted));
        }
      } else {
        long got = Cells.integer(type, output.base(), i);
        long wanted = source.integer(i);
        worst = Math.max(worst, Math.abs((double) got - wanted));
        // Below 1 only equal ones pass; as doubles, neighbours beyond 2^53 would look equal.
        if (got != wanted && !(tolerance >= 1 && Math.abs((double) got - wanted) <= tolerance)) {
          throw mismatch(output, i, wanted, got, ", difference " + Math.abs((double) got - wanted));
        }
      }
    }
  }

  private PluginException mismatch(
      OutputTensor output, long cell, Object wanted, Object got, String difference) {
    long row = done + cell / output.elements();
    String element = output.elements() == 1 ? "" : ", element " + cell % output.elements();
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "%s: output '%s', row %d%s: expected %s, got %s%s, tolerance %s; the file does not belong to this model, or this machine computes otherwise"
            .formatted(
                where, output.spec().tensor(), row, element, wanted, got, difference, tolerance));
  }
}
