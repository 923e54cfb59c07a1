package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;

/** Writes each batch in one transaction; what the database refuses is found by halving. */
final class TableSink implements Sink {
  private static final long LOOK_AFTER = TimeUnit.SECONDS.toNanos(15);

  private final Connection connection;
  private final Shape shape;
  private final Inserter inserter;
  private final SinkContext context;
  private final String target;
  private long spoken = System.nanoTime();

  TableSink(
      Connection connection,
      SinkConfig config,
      Shape shape,
      Inserter inserter,
      SinkContext context) {
    this.connection = connection;
    this.shape = shape;
    this.inserter = inserter;
    this.context = context;
    this.target = config.server().target() + ", " + config.what();
  }

  @Override
  public void write(Batch batch) {
    for (Target column : shape.columns()) {
      column.bind(batch);
    }
    write(batch, 0, batch.rows(), false);
    spoken = System.nanoTime();
  }

  private void write(Batch batch, int from, int to, boolean again) {
    if (from >= to) {
      return;
    }
    SQLException refused;
    try {
      inserter.insert(batch, from, to);
      connection.commit();
      return;
    } catch (SQLException e) {
      if (!Failures.ofData(e)) {
        throw Failures.running(target, e);
      }
      refused = e;
    }
    try {
      connection.rollback();
    } catch (SQLException e) {
      throw Failures.running(target, e);
    }
    if (to - from == 1) {
      if (!again && Failures.duplicate(refused)) {
        write(batch, from, to, true); // Another life of this sink may have had it under way.
        return;
      }
      BitSet row = new BitSet();
      row.set(from);
      context.reject(batch, row, target + ": " + Failures.words(refused));
      return;
    }
    int half = (from + to) >>> 1;
    write(batch, from, half, false);
    write(batch, half, to, false);
  }

  @Override
  public void idle() {
    long now = System.nanoTime();
    if (now - spoken < LOOK_AFTER) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      statement.execute();
      connection.commit();
      spoken = now;
    } catch (SQLException e) {
      throw Failures.running(target, e);
    }
  }

  @Override
  public void close() {
    inserter.close();
    Drivers.close(connection);
  }
}
