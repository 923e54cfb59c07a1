package kr.madang.gateway.flight;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.inlet.Pushed;
import kr.madang.gateway.arrow.Column;
import kr.madang.gateway.arrow.TableSchema;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.vector.types.pojo.Schema;

/** How columns become the rows of a source. */
interface RowShape {
  /**
   * For a source.
   *
   * @throws Refusal that names a column that is missing, unknown or of another type
   */
  static RowShape of(TableSchema schema, Optional<Schema> frames) {
    return frames.isPresent() ? new FrameRows(schema, frames.get()) : new SampleRows(schema);
  }

  void write(Map<String, Column> columns, int rows, SampleWriter out);

  void write(Map<String, Column> columns, int rows, FrameWriter out);

  default Pushed rows(Map<String, Column> columns, int rows) {
    return new Pushed() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public void samples(SampleWriter out) {
        write(columns, rows, out);
      }

      @Override
      public void frames(FrameWriter out) {
        write(columns, rows, out);
      }
    };
  }

  /**
   * Checks the types of columns.
   *
   * @param known type by name
   * @param needed of them
   */
  static void check(TableSchema schema, Map<String, List<String>> known, List<String> needed) {
    for (TableSchema.Named column : schema.columns()) {
      List<String> types = known.get(column.name());
      if (types == null) {
        throw new Refusal(
            Status.INVALID,
            "there is no column '%s'; there are %s".formatted(column.name(), known.keySet()));
      }
      if (column.type().child() != null || !types.contains(column.type().element())) {
        throw new Refusal(
            Status.INVALID,
            "column '%s': expected %s, got %s"
                .formatted(column.name(), String.join(" or ", types), column.type()));
      }
    }
    for (String name : needed) {
      if (schema.columns().stream().noneMatch(column -> column.name().equals(name))) {
        throw new Refusal(
            Status.INVALID,
            "column '%s' is missing; got %s"
                .formatted(name, schema.columns().stream().map(TableSchema.Named::name).toList()));
      }
    }
  }

  /** Refuses a row that lacks what it must have. */
  static Refusal missing(String column, int row) {
    return new Refusal(
        Status.INVALID, "column '%s': row %d: expected a value, got null".formatted(column, row));
  }
}
