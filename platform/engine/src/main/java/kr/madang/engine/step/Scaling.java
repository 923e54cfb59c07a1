package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Makes standardised batches; all columns that are not standardised are shared. */
final class Scaling {
  private final TransformContext context;
  private final Schema schema;
  private final int[] fieldByColumn;
  private final double[] means;
  private final double[] deviations;

  Scaling(List<FrameField> fields, Schema in, TransformContext context) {
    this.context = context;
    means = new double[fields.size()];
    deviations = new double[fields.size()];
    fieldByColumn = new int[in.getFields().size()];
    java.util.Arrays.fill(fieldByColumn, -1);
    List<Field> columns = new ArrayList<>(in.getFields());
    for (int i = 0; i < fields.size(); i++) {
      FrameField field = fields.get(i);
      fieldByColumn[field.value()] = i;
      columns.set(field.value(), scaled(field));
    }
    schema = new Schema(columns);
  }

  private static Field scaled(FrameField of) {
    Field field = of.field();
    Map<String, String> metadata = new HashMap<>(field.getMetadata());
    metadata.put(Frames.UNIT, "1");
    return of.window() > 0
        ? new Field(
            field.getName(),
            new FieldType(true, field.getType(), null, metadata),
            field.getChildren())
        : new Field(field.getName(), new FieldType(true, Frames.DOUBLE, null, metadata), null);
  }

  Schema schema() {
    return schema;
  }

  void set(int field, double mean, double deviation) {
    means[field] = mean;
    deviations[field] = deviation;
  }

  double mean(int field) {
    return means[field];
  }

  double deviation(int field) {
    return deviations[field];
  }

  /** The standardised rows; the caller owns them. */
  Batch scaled(Batch in) {
    VectorSchemaRoot root = in.root();
    int rows = in.rows();
    try (Assembly assembly = new Assembly(context.allocator())) {
      for (int column = 0; column < fieldByColumn.length; column++) {
        Field field = schema.getFields().get(column);
        FieldVector from = root.getVector(column);
        int standard = fieldByColumn[column];
        if (standard < 0) {
          assembly.share(from, field, 0, rows);
          continue;
        }
        FieldVector to = assembly.add(field, rows);
        copyValidity(from, to, rows);
        if (from instanceof FixedSizeListVector lists
            && to instanceof FixedSizeListVector toLists) {
          int items = rows * lists.getListSize();
          copyValidity(lists.getDataVector(), toLists.getDataVector(), items);
          scale(lists.getDataVector(), toLists.getDataVector(), items, standard);
        } else {
          scale(from, to, rows, standard);
        }
      }
      return assembly.take(schema, rows);
    }
  }

  private static void copyValidity(FieldVector from, FieldVector to, int rows) {
    if (from.getNullCount() > 0) {
      to.getValidityBuffer()
          .setBytes(
              0, from.getValidityBuffer(), 0, BitVectorHelper.getValidityBufferSizeFromCount(rows));
    }
  }

  private void scale(FieldVector from, FieldVector to, int rows, int field) {
    double mean = means[field];
    double deviation = deviations[field];
    ArrowBuf data = to.getDataBuffer();
    if (to instanceof Float4Vector) {
      for (int i = 0; i < rows; i++) {
        data.setFloat((long) i << 2, (float) ((Numbers.read(from, i) - mean) / deviation));
      }
    } else {
      for (int i = 0; i < rows; i++) {
        data.setDouble((long) i << 3, (Numbers.read(from, i) - mean) / deviation);
      }
    }
  }
}
