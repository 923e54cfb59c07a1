package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
  private final PreparedStatement known;
  private final PreparedStatement insert;
  private final BitSet there = new BitSet();

  BatchInserter(Connection connection, SinkConfig config, Shape shape) throws SQLException {
    this.columns = shape.columns();
    Kind kind = config.server().kind();
    known =
        connection.prepareStatement(
            "SELECT %3$s FROM %4$s WHERE %1$s = ? AND %2$s = ? AND %3$s >= ? AND %3$s < ?"
                .formatted(
                    kind.quote(Shape.STREAM),
                    kind.quote(Shape.EPOCH),
                    kind.quote(Shape.SEQUENCE),
                    config.into()));
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
    there.clear();
    known.setString(1, batch.stream());
    known.setLong(2, batch.epoch());
    known.setLong(3, batch.sequence() + from);
    known.setLong(4, batch.sequence() + to);
    try (ResultSet rows = known.executeQuery()) {
      while (rows.next()) {
        there.set((int) (rows.getLong(1) - batch.sequence()));
      }
    }
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
