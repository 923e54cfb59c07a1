package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Writes into tables of SQL databases. */
final class JdbcSink implements SinkFactory<SinkConfig> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "jdbc";
  }

  @Override
  public String title() {
    return "Table of a SQL database";
  }

  @Override
  public Class<SinkConfig> config() {
    return SinkConfig.class;
  }

  @Override
  public void check(SinkConfig config, Schema in) {
    Shape.of(config, in);
  }

  @Override
  public void verify(SinkConfig config, Verification verification) {
    try (Attempt attempt = new Attempt(config)) {
      verification.step("connect to " + config.server().target(), attempt::connect);
      verification.step("find " + config.what() + " and its unique key", attempt::find);
    }
  }

  @Override
  public Sink open(SinkConfig config, Schema in, SinkContext context) {
    Shape shape = Shape.of(config, in);
    Connection connection = Drivers.open(config.server(), context.timeout(), context.name());
    try {
      connection.setAutoCommit(false);
      Set<String> key = Schemas.prepare(connection, config, shape, context.logger());
      connection.commit();
      Inserter inserter =
          config.server().kind() == Kind.POSTGRESQL
              ? new CopyInserter(connection, config, shape, key)
              : new BatchInserter(connection, config, shape);
      return new TableSink(connection, config, shape, inserter, context);
    } catch (SQLException e) {
      Drivers.close(connection);
      throw Failures.atOpen(config.server().target() + ", " + config.what(), e);
    } catch (RuntimeException e) {
      Drivers.close(connection);
      throw e;
    }
  }

  /** One try, step by step. */
  private static final class Attempt implements AutoCloseable {
    private final SinkConfig config;
    private @Nullable Connection connection;

    private Attempt(SinkConfig config) {
      this.config = config;
    }

    private void connect() {
      connection = Drivers.open(config.server(), TIMEOUT, "check");
    }

    private void find() throws SQLException {
      Connection open = connection;
      if (open == null) {
        throw new IllegalStateException("not connected");
      }
      Kind kind = config.server().kind();
      try {
        Table.of(open, kind, config.into(), config.what());
      } catch (SQLException e) {
        PluginException failure = Failures.atOpen(config.what(), e);
        // SQLite says so in words only.
        boolean missing =
            failure.code().equals(ErrorCode.NOT_FOUND)
                || Failures.words(e).contains("no such table");
        if (missing && config.create()) {
          return; // It will be made.
        }
        throw failure;
      }
      if (Table.uniqueKeys(open, kind, config.schema(), config.table()).stream()
          .noneMatch(key -> key.containsAll(Shape.KEY))) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            config.what() + ": expected a unique key (stream, epoch, sequence), found none");
      }
    }

    @Override
    public void close() {
      if (connection != null) {
        Drivers.close(connection);
      }
    }
  }
}
