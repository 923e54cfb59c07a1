package kr.madang.plugins.files;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import kr.madang.plugins.files.SourceConfig.Layout;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.Schema;

/** Which columns of a file become what; made once from the first file and held to by the others. */
sealed interface RowPlan permits WidePlan, LongPlan {
  /** Columns that are taken for the time when the config names none. */
  List<String> TIME_COLUMNS = List.of("time", "timestamp", "datetime", "date", "sourceTime");

  /** The column of the time. */
  String timeColumn();

  /** Every column that a file must have. */
  List<String> needed();

  /** The schema of the frames; empty means samples. */
  Optional<Schema> schema();

  static RowPlan of(SourceConfig config, String where, List<ColumnInfo> columns) {
    return config.layout() == Layout.WIDE
        ? WidePlan.of(config, where, columns)
        : LongPlan.of(config, where, columns);
  }

  static String timeColumn(SourceConfig config, String where, List<ColumnInfo> columns) {
    if (config.time().column().isPresent()) {
      String column = config.time().column().get();
      find(where, "time.column", column, columns);
      return column;
    }
    for (String candidate : TIME_COLUMNS) {
      for (ColumnInfo column : columns) {
        if (column.name().equalsIgnoreCase(candidate)) {
          return column.name();
        }
      }
    }
    throw misfit(
        where + ": time.column: expected a column named one of " + TIME_COLUMNS + ", got ",
        columns,
        "; say time: { column: NAME }");
  }

  static ColumnInfo find(String where, String key, String name, List<ColumnInfo> columns) {
    return columns.stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            misfit(
                where + ": " + key + ": expected the column '" + name + "', got ",
                columns,
                "; correct the name or the file"));
  }

  static PluginException misfit(String before, List<ColumnInfo> columns, String after) {
    List<String> names = columns.stream().map(ColumnInfo::name).limit(50).toList();
    return new PluginException(ErrorCode.CONFIG_INVALID, before + names + after);
  }

  /** Throws unless the name can be that of a field or tag. */
  static void checkName(String where, String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > 255 || name.chars().anyMatch(Character::isISOControl)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          where
              + ": expected names of 1 to 255 bytes without control characters, got '"
              + (name.length() > 80 ? name.substring(0, 80) + "…" : name)
              + "'; rename the column by columns: { … : { field: NAME } } or exclude it");
    }
  }
}
