package kr.madang.plugins.jdbc;

import java.util.ArrayList;
import java.util.List;
import kr.madang.plugins.jdbc.ColumnType.Category;
import kr.madang.plugins.jdbc.SourceConfig.Statuses;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The list of a SELECT as it grows, and the cells that read what it gives. */
final class Selection {
  private final Kind kind;
  private final Table table;
  private final int longest;
  private final Statuses statuses;
  private final List<String> expressions = new ArrayList<>();

  Selection(SourceConfig config, Table table) {
    this.kind = config.server().kind();
    this.table = table;
    this.longest = config.longest();
    this.statuses = config.statuses();
  }

  /** The list as SQL. */
  String sql() {
    return String.join(", ", expressions);
  }

  /** Adds an expression; the answer is its number in the result. */
  int add(String expression) {
    int known = expressions.indexOf(expression);
    if (known >= 0) {
      return known + 1;
    }
    expressions.add(expression);
    return expressions.size();
  }

  /** A column that is a part of the key, as text. */
  int key(ColumnType column) {
    return add(kind.text(kind.quote(column.name())));
  }

  /** A cell for a column; {@code status} is empty where there is none. */
  Cell cell(ColumnType column, String status) {
    String name = kind.quote(column.name());
    int statusAt = 0;
    if (!status.isEmpty()) {
      ColumnType of = table.column("status of " + column.name(), status);
      if (of.category() != Category.INTEGER) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "status of %s: expected a column of whole numbers, got '%s' of type %s"
                .formatted(column.name(), status, of.sql()));
      }
      statusAt = add(kind.quote(status));
    }
    Category category = column.category() == Category.TIME ? Category.TEXT : column.category();
    int length = 0;
    if (category == Category.TEXT || category == Category.BYTES) {
      // PostgreSQL has many types that read as text; SQLite may keep a number here.
      String value = kind == Kind.POSTGRESQL && category == Category.TEXT ? kind.text(name) : name;
      length = add(kind.bytes(value));
      name = "CASE WHEN %s <= %d THEN %s END".formatted(kind.bytes(value), longest, value);
    }
    return new Cell(kind, category, add(name), length, longest, statusAt, statuses);
  }

  /** A cell for the time of a row. */
  TimeCell time(SourceConfig config) {
    ColumnType column = table.column("time.column", config.timeColumn());
    String name = kind.quote(column.name());
    return switch (column.category()) {
      case INTEGER -> new TimeCell(kind, column, config.time(), add(name));
      case TIME -> new TimeCell(kind, column, config.time(), add(kind.micros(name)));
      case TEXT -> new TimeCell(kind, column, config.time(), add(name));
      default ->
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              "time.column: expected a time, a whole number or a text, got '%s' of type %s"
                  .formatted(column.name(), column.sql()));
    };
  }
}
