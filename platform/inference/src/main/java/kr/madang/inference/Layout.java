package kr.madang.inference;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * How the fields of an input share one row of its tensor.
 *
 * @param rowShape the dimensions after the batch, all known
 * @param places one for each field
 */
record Layout(long[] rowShape, List<FieldSource.Place> places) {

  /**
   * Fields of one length follow one another along the first dimension, {@code [n, fields, length]};
   * where the shape says {@code [n, length, fields]} they alternate. Fields of several lengths
   * follow one another in a flat row.
   */
  static Layout of(InputSpec spec, List<ColumnRef> columns, String where) {
    long total = columns.stream().mapToLong(ColumnRef::length).sum();
    long[] rowShape = resolve(spec, total, where, columns);
    long fields = columns.size();
    long length = columns.getFirst().length();
    boolean even = columns.stream().allMatch(column -> column.length() == length);
    long[] wide = java.util.Arrays.stream(rowShape).filter(d -> d != 1).toArray();
    boolean flat = wide.length <= 1;
    boolean fieldsFirst = even && (fields == 1 || wide.length > 0 && wide[0] == fields);
    if (flat || fieldsFirst || (even && length == 1)) {
      return new Layout(rowShape, follow(columns));
    }
    if (even && wide.length == 2 && wide[0] == length && wide[1] == fields) {
      List<FieldSource.Place> places = new ArrayList<>();
      for (int i = 0; i < fields; i++) {
        places.add(new FieldSource.Place(i, fields));
      }
      return new Layout(rowShape, places);
    }
    throw misfit(spec, where, columns);
  }

  private static List<FieldSource.Place> follow(List<ColumnRef> columns) {
    List<FieldSource.Place> places = new ArrayList<>();
    long offset = 0;
    for (ColumnRef column : columns) {
      places.add(new FieldSource.Place(offset, 1));
      offset += column.length();
    }
    return places;
  }

  private static long[] resolve(InputSpec spec, long total, String where, List<ColumnRef> columns) {
    if (spec.shape().isEmpty()) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          where + ": the tensor is a scalar; a step needs a first dimension for the rows");
    }
    long[] rowShape = Shapes.rowShape(spec.shape());
    long known = 1;
    int open = -1;
    for (int i = 0; i < rowShape.length; i++) {
      if (rowShape[i] >= 0) {
        known *= rowShape[i];
      } else if (open < 0) {
        open = i;
      } else {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "%s: shape %s leaves more than one dimension open; declare it in model.yaml"
                .formatted(where, Shapes.text(spec.shape())));
      }
    }
    if (open >= 0 && known > 0 && total % known == 0) {
      rowShape[open] = total / known;
    } else if (open >= 0 || known != total || total == 0) {
      throw misfit(spec, where, columns);
    }
    return rowShape;
  }

  private static PluginException misfit(InputSpec spec, String where, List<ColumnRef> columns) {
    return new PluginException(
        ErrorCode.SCHEMA_MISFIT,
        "%s: expected rows of shape %s, got %s; change the window or the fields of model.yaml"
            .formatted(
                where,
                Shapes.text(spec.shape()),
                columns.stream()
                    .map(c -> c.field() + (c.list() ? "[" + c.length() + "]" : ""))
                    .toList()));
  }
}
