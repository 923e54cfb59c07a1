package kr.madang.engine;

import kr.madang.sdk.batch.Batch;
import org.apache.arrow.vector.FieldVector;

/** Rows as text for people: {@code time=…, flow=3.1} a line. */
final class RowText {
  private RowText() {}

  static String of(Batch batch, int[] rows, int atMost) {
    StringBuilder text = new StringBuilder();
    for (int row : rows) {
      String separator = text.isEmpty() ? "" : "\n";
      text.append(separator);
      separator = "";
      for (FieldVector vector : batch.root().getFieldVectors()) {
        text.append(separator)
            .append(vector.getName())
            .append('=')
            .append(value(batch, vector, row));
        separator = ", ";
        if (text.length() >= atMost) {
          return text.substring(0, atMost);
        }
      }
    }
    return text.toString();
  }

  private static Object value(Batch batch, FieldVector vector, int row) {
    Object value = vector.getObject(row);
    var encoding = vector.getField().getDictionary();
    if (encoding == null || value == null) {
      return String.valueOf(value);
    }
    return String.valueOf(
        batch
            .dictionaries()
            .lookup(encoding.getId())
            .getVector()
            .getObject(((Number) value).intValue()));
  }
}
