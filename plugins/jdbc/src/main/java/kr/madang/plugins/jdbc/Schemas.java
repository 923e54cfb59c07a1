package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;

/** Makes the table of a sink, or sees whether the one that is there will do. */
final class Schemas {
  private Schemas() {}

  /** Answers the columns of the unique key by which a row is written once. */
  static Set<String> prepare(Connection connection, SinkConfig config, Shape shape, Logger logger)
      throws SQLException {
    Kind kind = config.server().kind();
    if (config.create()) {
      boolean made = create(connection, config, shape);
      if (made) {
        logger.info("{} was made in {}", config.what(), config.server().target());
      }
    }
    Table table = Table.of(connection, kind, config.into(), config.what());
    for (Target column : shape.columns()) {
      if (!has(table, column.name, kind)) {
        if (!config.create()) {
          throw new PluginException(
              ErrorCode.NOT_FOUND,
              config.what()
                  + ": expected a column '"
                  + column.name
                  + "' ("
                  + column.type.sql(kind)
                  + "), it has "
                  + String.join(", ", table.columns().keySet())
                  + "; add it, map the field by columns, or say create: true");
        }
        Table.run(
            connection,
            "ALTER TABLE %s ADD COLUMN %s %s"
                .formatted(config.into(), kind.quote(column.name), column.type.sql(kind)));
        logger.info("{}: column {} was added", config.what(), column.name);
      }
    }
    return key(connection, config, shape);
  }

  private static boolean has(Table table, String name, Kind kind) {
    return kind == Kind.POSTGRESQL
        ? table.columns().containsKey(name)
        : table.columns().keySet().stream().anyMatch(name::equalsIgnoreCase);
  }

  private static boolean create(Connection connection, SinkConfig config, Shape shape)
      throws SQLException {
    Kind kind = config.server().kind();
    boolean timescale = kind == Kind.POSTGRESQL && hasTimescale(connection);
    if (kind == Kind.POSTGRESQL && exists(connection, config.into())) {
      return false; // Whoever may write it need not have the right to make one.
    }
    List<String> lines = new ArrayList<>();
    for (Target column : shape.columns()) {
      lines.add(
          kind.quote(column.name)
              + " "
              + column.type.sql(kind)
              + (column.required ? " NOT NULL" : ""));
    }
    List<String> key = new ArrayList<>(List.of(Shape.STREAM, Shape.EPOCH, Shape.SEQUENCE));
    if (timescale) {
      key.add(shape.partition()); // A hypertable wants it in every unique key.
    }
    lines.add(
        "PRIMARY KEY (" + key.stream().map(kind::quote).collect(Collectors.joining(", ")) + ")");
    Table.run(
        connection,
        "CREATE TABLE IF NOT EXISTS " + config.into() + " (" + String.join(", ", lines) + ")");
    if (timescale) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT create_hypertable(CAST(? AS regclass), CAST(? AS name),"
                  + " if_not_exists => true)")) {
        statement.setString(1, config.into());
        statement.setString(2, shape.partition());
        statement.execute();
      }
    }
    return true;
  }

  private static boolean exists(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, table);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }

  private static boolean hasTimescale(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'");
        ResultSet result = statement.executeQuery()) {
      return result.next();
    }
  }

  private static Set<String> key(Connection connection, SinkConfig config, Shape shape)
      throws SQLException {
    Kind kind = config.server().kind();
    Set<String> withTime = new HashSet<>(Shape.KEY);
    withTime.add(shape.partition());
    List<Set<String>> keys = Table.uniqueKeys(connection, kind, config.schema(), config.table());
    if (keys.contains(Shape.KEY)) {
      return new LinkedHashSet<>(Shape.KEY);
    } else if (keys.contains(withTime)) {
      return new LinkedHashSet<>(withTime);
    }
    throw new PluginException(
        ErrorCode.CONFIG_INVALID,
        config.what()
            + ": expected a unique key (stream, epoch, sequence), found none; it is what keeps a"
            + " row that is sent again from being there twice. Add it: ALTER TABLE "
            + config.into()
            + " ADD UNIQUE (stream, epoch, sequence)");
  }
}
