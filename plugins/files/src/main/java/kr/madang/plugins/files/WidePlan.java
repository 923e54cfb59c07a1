package kr.madang.plugins.files;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.plugins.files.ColumnInfo.Kind;
import kr.madang.plugins.files.SourceConfig.Column;
import kr.madang.plugins.files.SourceConfig.Type;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A row is an instant, a column a field. */
record WidePlan(String timeColumn, List<FieldPlan> fields) implements RowPlan {

  /**
   * One field.
   *
   * @param column that holds its values
   * @param field as it is passed on
   * @param status the column of its status
   */
  record FieldPlan(String column, Field field, @Nullable String status) {}

  static WidePlan of(SourceConfig config, String where, List<ColumnInfo> columns) {
    String time = RowPlan.timeColumn(config, where, columns);
    List<FieldPlan> fields = new ArrayList<>();
    if (config.columns().isEmpty()) {
      Set<String> names = new HashSet<>();
      columns.forEach(column -> names.add(column.name()));
      for (ColumnInfo column : columns) {
        String name = column.name();
        if (!name.equals(time) && !config.exclude().contains(name) && !isStatus(name, names)) {
          Column plain = new Column(Optional.empty(), "", Optional.empty(), Optional.empty());
          fields.add(field(where, column, plain, columns));
        }
      }
    } else {
      for (Map.Entry<String, Column> entry : config.columns().entrySet()) {
        ColumnInfo column = RowPlan.find(where, "columns", entry.getKey(), columns);
        fields.add(field(where, column, entry.getValue(), columns));
      }
    }
    Set<String> seen = new HashSet<>();
    for (FieldPlan field : fields) {
      String name = field.field().getName();
      RowPlan.checkName(where + ": column '" + field.column() + "'", name);
      if (name.equals(Frames.TIME) || name.endsWith(Frames.STATUS_SUFFIX) || !seen.add(name)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            where
                + ": column '"
                + field.column()
                + "': expected a field name that is unique, not 'time' and does not end in"
                + " '#status', got '"
                + name
                + "'; rename it by columns: { … : { field: NAME } } or exclude it");
      }
    }
    if (fields.isEmpty()) {
      throw RowPlan.misfit(where + ": expected a column beside the time, got ", columns, "");
    }
    return new WidePlan(time, List.copyOf(fields));
  }

  private static boolean isStatus(String name, Set<String> names) {
    return name.endsWith(Frames.STATUS_SUFFIX)
        && names.contains(name.substring(0, name.length() - Frames.STATUS_SUFFIX.length()));
  }

  private static FieldPlan field(
      String where, ColumnInfo column, Column wish, List<ColumnInfo> columns) {
    String status = wish.status().orElse(null);
    if (status != null) {
      RowPlan.find(where, "columns." + column.name() + ".status", status, columns);
    } else {
      String sibling = Frames.status(column.name());
      if (columns.stream().anyMatch(other -> other.name().equals(sibling))) {
        status = sibling;
      }
    }
    String name = wish.field().orElse(column.name());
    Map<String, String> metadata = column.field() == null ? Map.of() : column.field().getMetadata();
    String unit = wish.unit().isEmpty() ? metadata.getOrDefault(Frames.UNIT, "") : wish.unit();
    String tag = metadata.getOrDefault(Frames.TAG, "");
    if (column.kind() == Kind.LIST && column.field() != null && wish.type().isEmpty()) {
      Field list = column.field();
      Map<String, String> kept = Frames.field(name, list.getType(), unit, tag).getMetadata();
      return new FieldPlan(
          column.name(),
          new Field(name, new FieldType(true, list.getType(), null, kept), list.getChildren()),
          status);
    }
    ArrowType type =
        switch (wish.type().orElse(column.kind() == Kind.TEXT ? Type.TEXT : Type.DOUBLE)) {
          case DOUBLE -> Frames.DOUBLE;
          case LONG -> new ArrowType.Int(64, true);
          case TEXT -> ArrowType.Utf8.INSTANCE;
        };
    boolean fits =
        switch (column.kind()) {
          case NUMBER -> true;
          case TEXT -> column.field() == null || type.equals(ArrowType.Utf8.INSTANCE);
          case TIME, LIST, OTHER -> false;
        };
    if (!fits) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          where
              + ": column '"
              + column.name()
              + "': expected "
              + (type.equals(Frames.DOUBLE) ? "a number, a text or a fixed-size list" : type)
              + ", got "
              + (column.field() == null ? column.kind() : column.field().getType())
              + "; say exclude: ['"
              + column.name()
              + "'] or another type");
    }
    return new FieldPlan(column.name(), Frames.field(name, type, unit, tag), status);
  }

  @Override
  public List<String> needed() {
    Set<String> needed = new LinkedHashSet<>();
    needed.add(timeColumn);
    for (FieldPlan field : fields) {
      needed.add(field.column());
      if (field.status() != null) {
        needed.add(field.status());
      }
    }
    return List.copyOf(needed);
  }

  @Override
  public Optional<Schema> schema() {
    return Optional.of(Frames.schema(fields.stream().map(FieldPlan::field).toList()));
  }
}
