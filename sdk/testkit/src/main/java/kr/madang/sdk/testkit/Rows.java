package kr.madang.sdk.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/** Reads a batch into plain objects, for assertions. */
public final class Rows {
  private Rows() {}

  /**
   * Every row as column → value. Times are ns as {@code Long}, texts {@code String}, status columns
   * {@code Integer}, dictionary columns are decoded, lists are {@code List}.
   */
  public static List<Map<String, @Nullable Object>> of(Batch batch) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      for (FieldVector vector : batch.root().getFieldVectors()) {
        values.put(vector.getName(), value(batch, vector, row));
      }
      rows.add(values);
    }
    return rows;
  }

  /** One column of a batch. */
  public static List<@Nullable Object> column(Batch batch, String name) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      values.add(value(batch, batch.root().getVector(name), row));
    }
    return values;
  }

  private static @Nullable Object value(Batch batch, FieldVector vector, int row) {
    if (vector.isNull(row)) {
      return null;
    }
    if (vector.getField().getDictionary() != null) {
      Dictionary dictionary =
          batch.dictionaries().lookup(vector.getField().getDictionary().getId());
      Object index = vector.getObject(row);
      return plain(dictionary.getVector().getObject(((Number) index).intValue()));
    }
    return vector instanceof UInt4Vector ints ? ints.get(row) : plain(vector.getObject(row));
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof org.apache.arrow.vector.util.Text text ? text.toString() : value;
  }
}
