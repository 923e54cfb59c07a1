package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * PostgreSQL. A table of our own types gets a COPY of those rows that it does not have. A table of
 * other types gets them through a temporary one of the session, by an INSERT that leaves out what
 * is there: so the server turns our types into those of the table.
 */
final class CopyInserter implements Inserter {
  private static final String STAGE = "pg_temp.madang_stage";
  private static final BitSet NONE = new BitSet(0);

  private final List<Target> columns;
  private final CopyManager copies;
  private final String copy;
  private final @Nullable Known known;
  private final @Nullable PreparedStatement insert;
  private final CopyBuffer buffer = new CopyBuffer();

  CopyInserter(Connection connection, SinkConfig config, Shape shape, Set<String> key)
      throws SQLException {
    this.columns = shape.columns();
    this.copies = connection.unwrap(PGConnection.class).getCopyAPI();
    String names = columns.stream().map(c -> quote(c.name)).collect(Collectors.joining(", "));
    Table table = Table.of(connection, Kind.POSTGRESQL, config.into(), config.what());
    if (columns.stream().allMatch(column -> ours(column, table))) {
      copy = copy(config.into(), names);
      known = new Known(connection, config);
      insert = null;
    } else {
      stage(connection);
      copy = copy(STAGE, names);
      known = null;
      insert =
          connection.prepareStatement(
              "INSERT INTO %s (%s) SELECT %s FROM %s ON CONFLICT (%s) DO NOTHING"
                  .formatted(
                      config.into(),
                      names,
                      names,
                      STAGE,
                      key.stream().map(CopyInserter::quote).collect(Collectors.joining(", "))));
    }
    rehearse(connection);
  }

  private static String quote(String name) {
    return Kind.POSTGRESQL.quote(name);
  }

  private static String copy(String into, String names) {
    return "COPY " + into + " (" + names + ") FROM STDIN (FORMAT binary)";
  }

  /** Whether the binary form of our type is that of the column. */
  private static boolean ours(Target column, Table table) {
    String type = table.column("columns", column.name).sql();
    return switch (column.type) {
      case TEXT, NAME -> type.equals("text") || type.equals("varchar");
      case LONG -> type.equals("int8");
      case DOUBLE -> type.equals("float8");
      case FLAG -> type.equals("bool");
      case BYTES -> type.equals("bytea");
      case TIME -> type.equals("timestamptz");
    };
  }

  private void stage(Connection connection) throws SQLException {
    Table.run(
        connection,
        "CREATE TEMPORARY TABLE madang_stage ("
            + columns.stream()
                .map(c -> quote(c.name) + " " + c.type.sql(Kind.POSTGRESQL))
                .collect(Collectors.joining(", "))
            + ") ON COMMIT DELETE ROWS");
    connection.commit();
  }

  /** Of no rows: the server checks names, types, rights and the key before the first row comes. */
  private void rehearse(Connection connection) throws SQLException {
    buffer.begin(copies.copyIn(copy)).end().endCopy();
    if (insert != null) {
      insert.executeUpdate();
    }
    connection.commit();
  }

  @Override
  public void insert(Batch batch, int from, int to) throws SQLException {
    BitSet there = known == null ? NONE : known.of(batch, from, to);
    if (there.cardinality() == to - from) {
      return;
    }
    CopyIn running = copies.copyIn(copy);
    try {
      buffer.begin(running);
      for (int row = from; row < to; row++) {
        if (!there.get(row)) {
          buffer.row(columns.size());
          for (Target column : columns) {
            column.copy(row, buffer);
          }
        }
      }
      buffer.end().endCopy();
    } finally {
      if (running.isActive()) {
        running.cancelCopy();
      }
    }
    if (insert != null) {
      insert.executeUpdate();
    }
  }

  @Override
  public void close() {
    // The connection takes the statements and the temporary table with it.
  }
}
