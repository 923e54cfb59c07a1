package kr.madang.plugins.jdbc;

import java.util.Locale;

/** The databases that are spoken to, and how their SQL differs. */
enum Kind {
  /** PostgreSQL, with or without TimescaleDB. */
  POSTGRESQL,
  /** MariaDB. */
  MARIADB,
  /** A file of SQLite. */
  SQLITE;

  /** How a config writes it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What longer names are refused or cut to, in bytes. */
  int longestName() {
    return this == POSTGRESQL ? 63 : 64;
  }

  /** An identifier that can be nothing else. */
  String quote(String name) {
    char mark = this == MARIADB ? '`' : '"';
    return mark + name.replace(String.valueOf(mark), "" + mark + mark) + mark;
  }

  /** An expression as text, exactly as {@link #parameter} takes it back. */
  String text(String expression) {
    return switch (this) {
      case POSTGRESQL -> "CAST(" + expression + " AS text)";
      case MARIADB -> "CAST(" + expression + " AS CHAR)";
      case SQLITE -> "CAST(" + expression + " AS TEXT)";
    };
  }

  /** A parameter that is given as text and compared as the type of a column. */
  String parameter(ColumnType type) {
    return switch (this) {
      case POSTGRESQL -> "CAST(? AS " + type.sql() + ")";
      case MARIADB ->
          switch (type.category()) {
            case INTEGER ->
                type.sql().contains("UNSIGNED") ? "CAST(? AS UNSIGNED)" : "CAST(? AS SIGNED)";
            case NUMBER -> "CAST(? AS DECIMAL(65,30))";
            case TIME -> "CAST(? AS DATETIME(6))";
            default -> "?";
          };
      case SQLITE -> type.category() == ColumnType.Category.INTEGER ? "CAST(? AS INTEGER)" : "?";
    };
  }

  /** A condition that leaves out watermarks after which nothing could ever come. */
  String sane(String column, ColumnType type) {
    boolean time = type.category() == ColumnType.Category.TIME;
    return switch (this) {
      case POSTGRESQL -> time ? column + " < now() + interval '1 day'" : column + " IS NOT NULL";
      case MARIADB ->
          time ? column + " < UTC_TIMESTAMP() + INTERVAL 1 DAY" : column + " IS NOT NULL";
      case SQLITE ->
          type.category() == ColumnType.Category.INTEGER
              ? "typeof(" + column + ") = 'integer'"
              : "typeof("
                  + column
                  + ") = 'text'"
                  + (time ? " AND " + column + " < date('now', '+2 days')" : "");
    };
  }

  /**
   * A time in µs since 1970 as it stands, without regard to zones; the least long for one that ns
   * cannot hold; null where there is none.
   */
  String micros(String column) {
    return switch (this) {
      case POSTGRESQL ->
          "CASE WHEN %1$s > '1678-01-01' AND %1$s < '2262-01-01' THEN CAST(extract(epoch FROM %1$s)"
                  .formatted(column)
              + " * 1000000 AS int8) WHEN "
              + column
              + " IS NOT NULL THEN CAST(-9223372036854775808 AS int8) END";
      case MARIADB ->
          "CASE WHEN %1$s > '1678-01-01' AND %1$s < '2262-01-01' THEN TIMESTAMPDIFF(MICROSECOND,"
                  .formatted(column)
              + " '1970-01-01', "
              + column
              + ") WHEN "
              + column
              + " IS NOT NULL THEN -9223372036854775807 - 1 END";
      case SQLITE -> column;
    };
  }

  /** The length of a text or of bytes. */
  String bytes(String expression) {
    return switch (this) {
      case POSTGRESQL, MARIADB -> "octet_length(" + expression + ")";
      case SQLITE -> "length(CAST(" + expression + " AS BLOB))";
    };
  }
}
