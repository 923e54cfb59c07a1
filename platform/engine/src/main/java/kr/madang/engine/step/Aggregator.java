package kr.madang.engine.step;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Windows to numbers; all other columns stay as they are. */
final class Aggregator implements Transform {
  private final Aggregate aggregate;
  private final boolean skipMissing;
  private final TransformContext context;
  private final Schema schema;

  /** By the name of an output field: where it comes from, and whether it is computed. */
  private final Map<String, FrameField> sources = new HashMap<>();

  private final Map<String, FrameField> computed = new HashMap<>();
  private final double[] values;

  Aggregator(
      Aggregate aggregate,
      boolean skipMissing,
      FrameFields known,
      List<FrameField> windows,
      Map<Integer, Field> results,
      Schema schema,
      TransformContext context) {
    this.aggregate = aggregate;
    this.skipMissing = skipMissing;
    this.context = context;
    this.schema = schema;
    known.all().forEach(field -> sources.put(field.name(), field));
    int longest = 0;
    for (FrameField window : windows) {
      Field result = results.get(window.value());
      if (result != null) {
        computed.put(result.getName(), window);
      }
      longest = Math.max(longest, window.window());
    }
    values = new double[longest];
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    int rows = in.rows();
    if (rows == 0) {
      return;
    }
    List<Field> columns = schema.getFields();
    VectorSchemaRoot root = in.root();
    try (Assembly assembly = new Assembly(context.allocator())) {
      assembly.share(root.getVector(0), columns.get(0), 0, rows);
      for (int column = 1; column < columns.size(); column += 2) {
        Field field = columns.get(column);
        FrameField window = computed.get(field.getName());
        if (window != null) {
          FieldVector result = assembly.add(field, rows);
          FieldVector status = assembly.add(columns.get(column + 1), rows);
          compute(root, window, rows, result, status.getDataBuffer());
        } else {
          FrameField source = sources.get(field.getName());
          if (source == null) {
            throw new IllegalStateException("no source of field " + field.getName());
          }
          assembly.share(root.getVector(source.value()), field, 0, rows);
          assembly.share(root.getVector(source.status()), columns.get(column + 1), 0, rows);
        }
      }
      out.emit(assembly.take(schema, rows));
    }
  }

  private void compute(
      VectorSchemaRoot root, FrameField window, int rows, FieldVector result, ArrowBuf status) {
    FixedSizeListVector lists = (FixedSizeListVector) root.getVector(window.value());
    FieldVector items = lists.getDataVector();
    ArrowBuf statuses = root.getVector(window.status()).getDataBuffer();
    ArrowBuf data = result.getDataBuffer();
    boolean complete = lists.getNullCount() == 0;
    boolean itemsComplete = items.getNullCount() == 0;
    for (int row = 0; row < rows; row++) {
      int code = statuses.getInt((long) row << 2);
      int present =
          !complete && lists.isNull(row) ? 0 : load(items, itemsComplete, row, window.window());
      boolean whole = present == window.window();
      double value = Double.NaN;
      if (present == 0 || !whole && !skipMissing || whole && Quality.isBad(code)) {
        code = Quality.isBad(code) ? code : Quality.BAD_NO_DATA;
      } else {
        value = aggregate.of(values, present);
        code = whole ? code : Quality.UNCERTAIN_SUB_NORMAL;
        code = Double.isNaN(value) ? Quality.BAD_OUT_OF_RANGE : code;
      }
      if (Double.isNaN(value)) {
        BitVectorHelper.unsetBit(result.getValidityBuffer(), row);
      } else {
        data.setDouble((long) row << 3, value);
      }
      status.setInt((long) row << 2, code);
    }
  }

  /** Takes the values of a row that are there; gives back how many. */
  private int load(FieldVector items, boolean complete, int row, int length) {
    long first = (long) row * length;
    int present = 0;
    if (complete && items instanceof Float8Vector) {
      ArrowBuf data = items.getDataBuffer();
      for (int i = 0; i < length; i++) {
        double value = data.getDouble((first + i) << 3);
        values[present] = value;
        present += value == value ? 1 : 0;
      }
    } else {
      for (int i = 0; i < length; i++) {
        int at = (int) (first + i);
        double value = !complete && items.isNull(at) ? Double.NaN : Numbers.read(items, at);
        values[present] = value;
        present += value == value ? 1 : 0;
      }
    }
    return present;
  }
}
