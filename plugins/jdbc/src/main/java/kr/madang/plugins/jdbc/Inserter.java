package kr.madang.plugins.jdbc;

import java.sql.SQLException;
import kr.madang.sdk.batch.Batch;

/** Puts rows into the table, each only once. */
interface Inserter extends AutoCloseable {
  /** Writes rows {@code from} to {@code to}, without the last, within the transaction at hand. */
  void insert(Batch batch, int from, int to) throws SQLException;

  @Override
  void close();
}
