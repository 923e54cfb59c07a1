package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import kr.madang.sdk.batch.Batch;

/** Finds which rows of a batch the table has; one look at its unique key, nearly always empty. */
final class Known {
  private final PreparedStatement statement;
  private final BitSet there = new BitSet();

  Known(Connection connection, SinkConfig config) throws SQLException {
    Kind kind = config.server().kind();
    statement =
        connection.prepareStatement(
            "SELECT %3$s FROM %4$s WHERE %1$s = ? AND %2$s = ? AND %3$s >= ? AND %3$s < ?"
                .formatted(
                    kind.quote(Shape.STREAM),
                    kind.quote(Shape.EPOCH),
                    kind.quote(Shape.SEQUENCE),
                    config.into()));
  }

  /**
   * The rows of {@code from} to {@code to}, without the last, that are there; valid until asked.
   */
  BitSet of(Batch batch, int from, int to) throws SQLException {
    there.clear();
    statement.setString(1, batch.stream());
    statement.setLong(2, batch.epoch());
    statement.setLong(3, batch.sequence() + from);
    statement.setLong(4, batch.sequence() + to);
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        there.set((int) (rows.getLong(1) - batch.sequence()));
      }
    }
    return there;
  }
}
