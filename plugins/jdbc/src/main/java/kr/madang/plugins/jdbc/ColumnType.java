package kr.madang.plugins.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.Map;

/**
 * What a column of a table holds.
 *
 * @param name of the column
 * @param sql the type as the database calls it
 * @param zoned whether a time carries its zone
 * @param nullable whether it may be null
 */
record ColumnType(String name, String sql, Category category, boolean zoned, boolean nullable) {
  /** How a value is read. */
  enum Category {
    /** A whole number of at most 64 bits. */
    INTEGER,
    /** Any other number. */
    NUMBER,
    /** True or false. */
    FLAG,
    /** A date with or without a time. */
    TIME,
    /** A text, or what is read as one. */
    TEXT,
    /** Bytes. */
    BYTES,
    /** Nothing that a row of ours can hold. */
    OTHER
  }

  private static final Map<String, String> SERIALS =
      Map.of("smallserial", "int2", "serial", "int4", "bigserial", "int8");

  static ColumnType of(Kind kind, ResultSetMetaData data, int column) throws SQLException {
    String name = data.getColumnLabel(column);
    String sql = String.valueOf(data.getColumnTypeName(column));
    boolean nullable = data.isNullable(column) != ResultSetMetaData.columnNoNulls;
    return switch (kind) {
      case POSTGRESQL -> {
        String type = SERIALS.getOrDefault(sql, sql);
        yield new ColumnType(
            name,
            type,
            postgres(type, data.getColumnType(column)),
            type.equals("timestamptz"),
            nullable);
      }
      case MARIADB -> {
        Category category = standard(data.getColumnType(column));
        boolean huge =
            data.getColumnType(column) == Types.BIGINT && !data.isSigned(column)
                || category == Category.INTEGER && sql.startsWith("BIGINT UNSIGNED");
        yield new ColumnType(
            name,
            huge ? "BIGINT UNSIGNED" : sql,
            category,
            sql.startsWith("TIMESTAMP"), // The session reads those in UTC.
            nullable);
      }
      case SQLITE -> new ColumnType(name, sql, sqlite(sql), false, nullable);
    };
  }

  private static Category postgres(String type, int jdbc) {
    return switch (type) {
      case "int2", "int4", "int8" -> Category.INTEGER;
      case "float4", "float8", "numeric" -> Category.NUMBER;
      case "bool" -> Category.FLAG;
      case "timestamp", "timestamptz", "date" -> Category.TIME;
      case "bytea" -> Category.BYTES;
      default -> jdbc == Types.ARRAY || jdbc == Types.STRUCT ? Category.OTHER : Category.TEXT;
    };
  }

  private static Category standard(int jdbc) {
    return switch (jdbc) {
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Category.INTEGER;
      case Types.REAL, Types.FLOAT, Types.DOUBLE, Types.NUMERIC, Types.DECIMAL -> Category.NUMBER;
      case Types.BIT, Types.BOOLEAN -> Category.FLAG;
      case Types.TIMESTAMP, Types.DATE, Types.TIMESTAMP_WITH_TIMEZONE -> Category.TIME;
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Category.BYTES;
      default -> Category.TEXT;
    };
  }

  /** By the declared type; what a cell really holds is seen when it is read. */
  private static Category sqlite(String declared) {
    String type = declared.toUpperCase(Locale.ROOT);
    if (type.contains("INT")) {
      return Category.INTEGER;
    } else if (type.contains("DATE") || type.contains("TIME")) {
      return Category.TIME;
    } else if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
      return Category.TEXT;
    } else if (type.contains("BOOL")) {
      return Category.FLAG;
    } else if (type.isEmpty() || type.contains("BLOB")) {
      return Category.BYTES;
    }
    return Category.NUMBER;
  }
}
