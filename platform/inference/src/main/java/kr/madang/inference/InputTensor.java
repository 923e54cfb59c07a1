package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One input of one step. A single column that already has the tensor's bytes is used where it lies;
 * everything else is gathered into a buffer that is kept from batch to batch.
 */
final class InputTensor implements AutoCloseable {
  static final int[] ALL = {};
  private static final long BLOCK_BYTES = 16 << 10;

  private final InputSpec spec;
  private final long[] rowShape;
  private final int elements;
  private final FieldSource[] sources;

  /** One for each source, or none where nothing is ever put in. */
  private final Substitutes[] substitutes;

  private final boolean borrows;
  private final OrtEnvironment environment;
  private final Wrapped wrapped;
  private final BufferAllocator allocator;
  private @Nullable ArrowBuf staging;
  private String[] texts = {};
  private long base;
  private @Nullable OnnxTensor textTensor;

  InputTensor(
      InputSpec spec,
      Schema in,
      Map<String, ModelSpec.Scale> scale,
      String where,
      OrtEnvironment environment,
      BufferAllocator allocator) {
    this.spec = spec;
    this.environment = environment;
    this.allocator = allocator;
    String here = where + ", input '" + spec.tensor() + "'";
    List<ColumnRef> columns = new ArrayList<>();
    for (String field : spec.fields()) {
      ColumnRef column = ColumnRef.find(in, field, here);
      if ((column.type() == ElementType.STRING) != (spec.type() == ElementType.STRING)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "%s: field '%s' is %s, expected %s"
                .formatted(here, field, column.type().label(), spec.type().label()));
      }
      columns.add(column);
    }
    Layout layout = Layout.of(spec, columns, here);
    this.rowShape = layout.rowShape();
    this.elements = Math.toIntExact(Shapes.product(rowShape));
    this.sources = new FieldSource[columns.size()];
    for (int i = 0; i < sources.length; i++) {
      ModelSpec.Scale standard = scale.get(columns.get(i).field());
      sources[i] =
          new FieldSource(
              columns.get(i),
              layout.places().get(i),
              standard == null ? 0 : standard.mean(),
              standard == null ? 1 : standard.deviation());
    }
    this.substitutes = substitutes(in, here);
    FieldSource first = sources[0];
    this.borrows =
        sources.length == 1
            && first.type == spec.type()
            && spec.type().sameInColumn()
            && !first.scaled();
    this.wrapped = new Wrapped(environment, spec.type(), rowShape);
  }

  private Substitutes[] substitutes(Schema in, String where) {
    return switch (spec.onBad()) {
      case OnBad.Impute policy ->
          Arrays.stream(sources)
              .map(source -> Substitutes.constant(source, spec.type(), policy))
              .toArray(Substitutes[]::new);
      case OnBad.Hold policy ->
          Arrays.stream(sources)
              .map(source ->
                  Substitutes.held(
                      source, spec.type(), policy, Times.column(in, source, where, policy)))
              .toArray(Substitutes[]::new);
      default -> new Substitutes[0];
    };
  }

  InputSpec spec() {
    return spec;
  }

  /** What stands in for Bad values of the sources, in their order; empty without such a policy. */
  Substitutes[] substitutes() {
    return substitutes;
  }

  FieldSource[] sources() {
    return sources;
  }

  /** Elements of one row. */
  int elements() {
    return elements;
  }

  /** Rows of the bound batch in which a field is Bad or missing. */
  long absent(String field, int rows) {
    long absent = 0;
    for (FieldSource source : sources) {
      if (field.equals(source.field) && !source.clean(rows)) {
        for (int row = 0; row < rows; row++) {
          absent += Quality.isBad(source.status(row)) ? 1 : 0;
        }
      }
    }
    return absent;
  }

  long rowBytes() {
    return (long) elements * Math.max(1, spec.type().size);
  }

  void bind(VectorSchemaRoot root) {
    for (FieldSource source : sources) {
      source.bind(root);
    }
    for (Substitutes values : substitutes) {
      values.bind(root);
    }
  }

  /** Notes the last row of a bound batch in which all is Good. */
  void remember(int row) {
    for (Substitutes values : substitutes) {
      values.remember(row);
    }
  }

  /** The bound batch does not come again. */
  void commit() {
    for (Substitutes values : substitutes) {
      values.commit();
    }
  }

  boolean clean(int rows) {
    for (FieldSource source : sources) {
      if (!source.clean(rows)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Brings the rows of the bound batch to where the tensor will see them.
   *
   * @param selection the rows to run, or {@link #ALL}
   * @param padded the rows with those that fill up the last run; these hold zeros
   */
  void place(int[] selection, int rows, int padded) {
    if (spec.type() == ElementType.STRING) {
      placeTexts(selection, rows, padded);
      return;
    }
    if (borrows && selection.length == 0 && padded == rows && !substituted()) {
      base = sources[0].values();
      return;
    }
    long rowBytes = rowBytes();
    base = room(padded * rowBytes);
    // In blocks, so that a row's cache line is still near when the next column writes to it.
    int block = sources.length == 1 ? rows : (int) Math.max(16, BLOCK_BYTES / rowBytes);
    for (int first = 0; first < rows; first += block) {
      int end = Math.min(rows, first + block);
      for (FieldSource source : sources) {
        Gather.fill(source, spec.type(), base, elements, selection, first, end);
      }
    }
    if (padded > rows) {
      Memory.fill(base + rows * rowBytes, (padded - rows) * rowBytes, (byte) 0);
    }
    for (Substitutes values : substitutes) {
      values.put(selection, rows, base, elements);
    }
  }

  private boolean substituted() {
    for (Substitutes values : substitutes) {
      if (values.any()) {
        return true;
      }
    }
    return false;
  }

  /** Rows of zeros, for a trial. */
  void placeZeros(int rows) {
    if (spec.type() == ElementType.STRING) {
      texts = new String[rows * elements];
      Arrays.fill(texts, "");
    } else {
      base = room(rows * rowBytes());
      Memory.fill(base, rows * rowBytes(), (byte) 0);
    }
  }

  private void placeTexts(int[] selection, int rows, int padded) {
    if (texts.length != padded * elements) {
      texts = new String[padded * elements];
    }
    Arrays.fill(texts, "");
    for (FieldSource source : sources) {
      Gather.texts(source, texts, elements, selection, 0, rows);
    }
  }

  /** The tensor over some of the rows that were placed; open until the next call or close. */
  OnnxTensor tensor(int from, int rows) {
    if (spec.type() != ElementType.STRING) {
      return wrapped.at(base + from * rowBytes(), rows);
    }
    closeText();
    try {
      OnnxTensor made =
          OnnxTensor.createTensor(
              environment,
              Arrays.copyOfRange(texts, from * elements, (from + rows) * elements),
              Shapes.withBatch(rows, rowShape));
      textTensor = made;
      return made;
    } catch (OrtException e) {
      throw new PluginException(
          ErrorCode.BUG,
          "input '%s': texts cannot be passed on: %s".formatted(spec.tensor(), OrtErrors.text(e)),
          e);
    }
  }

  /** The dimensions after the batch. */
  long[] rowShape() {
    return rowShape;
  }

  /** Where the rows lie that were placed last. */
  long base() {
    return base;
  }

  private long room(long bytes) {
    ArrowBuf current = staging;
    if (current == null || current.capacity() < bytes) {
      staging = null;
      if (current != null) {
        current.close();
      }
      current = allocator.buffer(bytes);
      staging = current;
    }
    return current.memoryAddress();
  }

  private void closeText() {
    OnnxTensor made = textTensor;
    textTensor = null;
    if (made != null) {
      made.close();
    }
  }

  @Override
  public void close() {
    wrapped.close();
    closeText();
    ArrowBuf buffer = staging;
    staging = null;
    if (buffer != null) {
      buffer.close();
    }
  }
}
