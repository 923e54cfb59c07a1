package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import kr.madang.sdk.batch.Batch;

/**
 * MariaDB and SQLite: asks which rows are there, then inserts the others in one batch. A plain
 * INSERT, because MariaDB's forms that forgive a duplicate forgive one of any key, and more.
 */
final class BatchInserter implements Inserter {
  private final List<Target> columns;
  private final Known known;
  private final PreparedStatement insert;

  BatchInserter(Connection connection, SinkConfig config, Shape shape) throws SQLException {
    this.columns = shape.columns();
    Kind kind = config.server().kind();
    known = new Known(connection, config);
    insert =
        connection.prepareStatement(
            "INSERT INTO %s (%s) VALUES (%s)"
                .formatted(
                    config.into(),
                    columns.stream().map(c -> kind.quote(c.name)).collect(Collectors.joining(", ")),
                    columns.stream().map(_ -> "?").collect(Collectors.joining(", "))));
  }

  @Override
  public void insert(Batch batch, int from, int to) throws SQLException {
    BitSet there = known.of(batch, from, to);
    boolean any = false;
    insert.clearBatch();
    for (int row = from; row < to; row++) {
      if (!there.get(row)) {
        for (int i = 0; i < columns.size(); i++) {
          columns.get(i).set(row, insert, i + 1);
        }
        insert.addBatch();
        any = true;
      }
    }
    if (any) {
      insert.executeBatch();
    }
  }

  @Override
  public void close() {
    // The connection takes the statements with it.
  }
}
