package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.sdk.batch.Batch;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * PostgreSQL: COPY into a temporary table of the session, which is emptied by each commit, then one
 * INSERT that leaves out what is there. The server turns our types into those of the table.
 */
final class CopyInserter implements Inserter {
  private static final String STAGE = "pg_temp.madang_stage";

  private final List<Target> columns;
  private final CopyManager copies;
  private final String copy;
  private final PreparedStatement insert;
  private final CopyBuffer buffer = new CopyBuffer();

  CopyInserter(Connection connection, SinkConfig config, Shape shape, Set<String> key)
      throws SQLException {
    this.columns = shape.columns();
    Kind kind = Kind.POSTGRESQL;
    String names = columns.stream().map(c -> kind.quote(c.name)).collect(Collectors.joining(", "));
    Table.run(
        connection,
        "CREATE TEMPORARY TABLE madang_stage ("
            + columns.stream()
                .map(c -> kind.quote(c.name) + " " + c.type.sql(kind))
                .collect(Collectors.joining(", "))
            + ") ON COMMIT DELETE ROWS");
    connection.commit();
    copies = connection.unwrap(PGConnection.class).getCopyAPI();
    copy = "COPY " + STAGE + " (" + names + ") FROM STDIN (FORMAT binary)";
    insert =
        connection.prepareStatement(
            "INSERT INTO %s (%s) SELECT %s FROM %s ON CONFLICT (%s) DO NOTHING"
                .formatted(
                    config.into(),
                    names,
                    names,
                    STAGE,
                    key.stream().map(kind::quote).collect(Collectors.joining(", "))));
    // Of no rows: the server checks names, types, rights and the key before the first row comes.
    insert.executeUpdate();
    connection.commit();
  }

  @Override
  public void insert(Batch batch, int from, int to) throws SQLException {
    CopyIn running = copies.copyIn(copy);
    try {
      buffer.begin(running);
      for (int row = from; row < to; row++) {
        buffer.row(columns.size());
        for (Target column : columns) {
          column.copy(row, buffer);
        }
      }
      buffer.end();
      running.endCopy();
    } finally {
      if (running.isActive()) {
        running.cancelCopy();
      }
    }
    insert.executeUpdate();
  }

  @Override
  public void close() {
    // The connection takes the statement and the temporary table with it.
  }
}
