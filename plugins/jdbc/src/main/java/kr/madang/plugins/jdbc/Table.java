package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * What a database tells of a table or view.
 *
 * @param what how people call it
 * @param columns by name, in their order
 */
record Table(String what, Map<String, ColumnType> columns) {
  /** Asks; the table must exist. */
  static Table of(Connection connection, Kind kind, String from, String what) throws SQLException {
    Map<String, ColumnType> columns = new LinkedHashMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT * FROM " + from + " WHERE 1 = 0");
        ResultSet result = statement.executeQuery()) {
      ResultSetMetaData data = result.getMetaData();
      for (int i = 1; i <= data.getColumnCount(); i++) {
        ColumnType column = ColumnType.of(kind, data, i);
        columns.put(column.name(), column);
      }
    }
    return new Table(what, columns);
  }

  /** A column that a config names. */
  ColumnType column(String field, String name) {
    ColumnType column = columns.get(name);
    if (column == null) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          field
              + ": expected a column of "
              + what
              + ", got '"
              + name
              + "'; it has "
              + String.join(", ", columns.keySet()));
    }
    return column;
  }

  /** The sets of columns of which no two rows have the same values; views have none. */
  static List<Set<String>> uniqueKeys(
      Connection connection, Kind kind, Optional<String> schema, String table) throws SQLException {
    return switch (kind) {
      case POSTGRESQL -> {
        String name = schema.map(s -> kind.quote(s) + ".").orElse("") + kind.quote(table);
        yield keys(
            connection,
            """
            SELECT i.indexrelid, a.attname FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid
              AND a.attnum = ANY ((CAST(i.indkey AS int2[]))[0:i.indnkeyatts - 1])
            WHERE i.indrelid = CAST(? AS regclass) AND i.indisunique AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL\
            """,
            name);
      }
      case MARIADB ->
          keys(
              connection,
              "SELECT index_name, column_name FROM information_schema.statistics"
                  + " WHERE non_unique = 0 AND table_name = ? AND table_schema = "
                  + (schema.isPresent() ? "?" : "DATABASE()"),
              schema.map(s -> new String[] {table, s}).orElse(new String[] {table}));
      case SQLITE -> {
        List<Set<String>> keys =
            new ArrayList<>(
                keys(
                    connection,
                    "SELECT l.name, i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i"
                        + " WHERE l.\"unique\" = 1 AND l.partial = 0",
                    table));
        keys.addAll(
            keys(connection, "SELECT 0, name FROM pragma_table_info(?) WHERE pk > 0", table));
        yield keys;
      }
    };
  }

  private static List<Set<String>> keys(Connection connection, String sql, String... parameters)
      throws SQLException {
    Map<String, Set<String>> keys = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          keys.computeIfAbsent(String.valueOf(result.getString(1)), _ -> new HashSet<>())
              .add(String.valueOf(result.getString(2)));
        }
      }
    }
    return List.copyOf(keys.values());
  }

  /** Runs one statement that gives nothing back. */
  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
