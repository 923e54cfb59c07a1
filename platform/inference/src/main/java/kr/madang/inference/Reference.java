package kr.madang.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kr.madang.inference.Baseline.Side;
import kr.madang.inference.Columns.Column;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Makes a baseline from rows of a time when all was well: they are run, and what goes in and comes
 * out is looked at.
 */
final class Reference implements AutoCloseable {
  private static final int MOST = 100_000;

  private final Execution execution;
  private final Triage triage;
  private final String where;
  private final List<Column> columns;
  private final double[][] values;
  private final int[] counts;
  private final long[] absent;
  private final long[] seen;

  private Reference(
      Binding binding, Session held, Schema schema, BufferAllocator allocator, String where)
      throws InterruptedException {
    this.where = where;
    this.triage = new Triage(binding.model());
    this.execution =
        new Execution(
            held,
            Tenant.NOBODY,
            binding,
            binding.inputs().stream().map(input -> input.with(OnBad.REJECT)).toList(),
            binding.scale(),
            schema,
            allocator);
    this.columns =
        Columns.of(
            binding,
            execution.inputs().stream().mapToInt(InputTensor::elements).toArray(),
            execution.outputs().stream().mapToInt(OutputTensor::elements).toArray());
    this.values = new double[columns.size()][1024];
    this.counts = new int[columns.size()];
    this.absent = new long[columns.size()];
    this.seen = new long[columns.size()];
  }

  /** Runs the rows of a file; see {@link LoadedModel#baseline}. */
  static Baseline of(LoadedModel model, Path file, BufferAllocator allocator)
      throws InterruptedException {
    Binding binding = model.binding();
    String where = "model %s, baseline %s".formatted(binding.model(), file.getFileName());
    Set<String> fields = new HashSet<>();
    binding.inputs().forEach(input -> fields.addAll(input.fields()));
    Session held = model.hold();
    try (ReferenceFile rows = new ReferenceFile(where, file, fields, allocator);
        Reference reference =
            new Reference(binding, held, rows.root().getSchema(), allocator, where)) {
      while (rows.load()) {
        reference.rows(rows.root());
      }
      return reference.baseline();
    } catch (IOException
        | IllegalArgumentException
        | org.apache.arrow.vector.ipc.InvalidArrowFileException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "%s: cannot be read (%s); expected an Arrow IPC or CSV file with a column for each field"
              .formatted(where, e.getMessage()),
          e);
    } finally {
      held.release();
    }
  }

  private void rows(VectorSchemaRoot root) throws InterruptedException {
    int rows = root.getRowCount();
    if (rows == 0) {
      return;
    }
    boolean clean = true;
    for (InputTensor input : execution.inputs()) {
      input.bind(root);
      clean &= input.clean(rows);
    }
    int[] selection = InputTensor.ALL;
    int running = rows;
    if (!clean) {
      triage.look(execution.inputs(), rows);
      running = triage.run().length;
      selection = running == rows ? InputTensor.ALL : triage.run();
    }
    int padded = execution.padded(running);
    if (running > 0) {
      for (InputTensor input : execution.inputs()) {
        input.place(selection, running, padded);
      }
      execution.outputs().forEach(output -> output.intoStaging(padded));
      execution.run(running);
    }
    for (int c = 0; c < columns.size(); c++) {
      Column column = columns.get(c);
      if (column.side() == Side.INPUT) {
        InputTensor input = execution.inputs().get(column.tensor());
        seen[c] += (long) rows * column.count();
        absent[c] += clean ? 0 : input.absent(column.field(), rows) * column.count();
        take(c, input.spec().type(), input.base(), running);
      } else {
        OutputTensor output = execution.outputs().get(column.tensor());
        seen[c] += (long) running * column.count();
        take(c, output.spec().type(), output.base(), running);
      }
    }
  }

  private void take(int c, ElementType type, long base, int rows) {
    Column column = columns.get(c);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < column.count() && counts[c] < MOST; i++) {
        long index = (long) r * column.elements() + column.offset() + (long) i * column.stride();
        double value = Cells.number(type, base, index);
        if (Double.isNaN(value)) {
          absent[c]++;
        } else if (Double.isFinite(value)) {
          if (counts[c] == values[c].length) {
            values[c] = Arrays.copyOf(values[c], 2 * counts[c]);
          }
          values[c][counts[c]++] = value;
        }
      }
    }
  }

  private Baseline baseline() {
    List<Baseline.Column> made = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      if (counts[c] < 2) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "%s: expected rows with values of '%s', got %d"
                .formatted(where, columns.get(c).name(), counts[c]));
      }
      made.add(
          baseline(
              columns.get(c), values[c], counts[c], absent[c] / (double) Math.max(1, seen[c])));
    }
    return new Baseline(made);
  }

  /** From values as they lie in the tensor; sorts them. */
  static Baseline.Column baseline(Column column, double[] values, int count, double missing) {
    double[] edges = Stability.edges(values, count);
    Bins bins = Bins.learnt(edges);
    long[] counts = new long[edges.length + 1];
    for (int i = 0; i < count; i++) {
      counts[bins.of(values[i])]++;
    }
    return new Baseline.Column(
        column.side(),
        column.name(),
        Arrays.stream(edges).mapToObj(column::inField).toList(),
        Arrays.stream(counts).mapToObj(times -> times / (double) count).toList(),
        Math.min(1, missing),
        column.inField(values[0]),
        column.inField(values[count - 1]),
        count);
  }

  @Override
  public void close() {
    execution.close();
  }
}
