package kr.madang.plugins.jdbc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kr.madang.plugins.jdbc.ColumnType.Category;
import kr.madang.plugins.jdbc.SourceConfig.Column;
import kr.madang.plugins.jdbc.SourceConfig.Type;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Which columns of a table become which fields of frames.
 *
 * @param column of the table
 * @param name of the field
 * @param status name of the column of the status, or empty
 */
record Fields(String column, String name, Type type, String unit, String status) {
  /** The fields of a table. */
  static List<Fields> of(SourceConfig config, Table table) {
    List<Fields> fields = new ArrayList<>();
    config.exclude().forEach(name -> table.column("exclude", name));
    if (config.columns().isEmpty()) {
      Set<String> taken = new HashSet<>(config.exclude());
      taken.add(config.timeColumn());
      taken.add(config.watermark().column());
      config.watermark().unique().ifPresent(taken::add);
      for (ColumnType column : table.columns().values()) {
        if (!taken.contains(column.name())
            && !statusOfAnother(table, column.name())
            && column.category() != Category.OTHER
            && column.category() != Category.BYTES) {
          fields.add(field(column, defaults(), table));
        }
      }
    } else {
      config
          .columns()
          .forEach(
              (name, column) -> fields.add(field(table.column("columns", name), column, table)));
    }
    if (fields.isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "columns: expected at least one column of " + table.what() + " that can be a field");
    }
    Set<String> names = new HashSet<>();
    for (Fields field : fields) {
      if (!names.add(field.name) || field.name.equals(Frames.TIME)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "columns: expected each field once and none called time, got '"
                + field.name
                + "'; name it by columns."
                + field.column
                + ".field");
      }
    }
    return fields;
  }

  /** The schema, if the config alone tells it. */
  static Optional<Schema> declared(SourceConfig config) {
    if (config.columns().isEmpty()
        || config.columns().values().stream().anyMatch(column -> column.type().isEmpty())) {
      return Optional.empty();
    }
    List<Field> fields = new ArrayList<>();
    config
        .columns()
        .forEach((name, column) ->
            fields.add(
                field(column.field().orElse(name), column.type().orElseThrow(), column.unit())));
    return Optional.of(Frames.schema(fields));
  }

  static Schema schema(List<Fields> fields) {
    return Frames.schema(fields.stream().map(f -> field(f.name, f.type, f.unit)).toList());
  }

  private static Field field(String name, Type type, String unit) {
    ArrowType arrow =
        switch (type) {
          case DOUBLE -> Frames.DOUBLE;
          case LONG -> new ArrowType.Int(64, true);
          case TEXT -> ArrowType.Utf8.INSTANCE;
        };
    return Frames.field(name, arrow, unit, "");
  }

  private static Column defaults() {
    return new Column(Optional.empty(), "", Optional.empty(), Optional.empty());
  }

  private static boolean statusOfAnother(Table table, String name) {
    return name.endsWith(Frames.STATUS_SUFFIX)
        && table
            .columns()
            .containsKey(name.substring(0, name.length() - Frames.STATUS_SUFFIX.length()));
  }

  private static Fields field(ColumnType column, Column config, Table table) {
    String where = "columns." + column.name();
    Type natural =
        switch (column.category()) {
          case INTEGER, NUMBER, FLAG -> Type.DOUBLE;
          case TIME, TEXT -> Type.TEXT;
          case BYTES, OTHER ->
              throw new PluginException(
                  ErrorCode.CONFIG_INVALID,
                  where + ": expected a number, a flag, a time or a text, got " + column.sql());
        };
    Type type = config.type().orElse(natural);
    if (natural == Type.TEXT && type != Type.TEXT) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          where + ".type: expected text for " + column.sql() + ", got " + type);
    }
    String sibling = Frames.status(column.name());
    String status = config.status().orElse(table.columns().containsKey(sibling) ? sibling : "");
    String name = config.field().orElse(column.name());
    try {
      Tag checked = new Tag(name);
      return new Fields(column.name(), checked.name(), type, config.unit(), status);
    } catch (IllegalArgumentException e) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, where + ".field: " + e.getMessage(), e);
    }
  }
}
