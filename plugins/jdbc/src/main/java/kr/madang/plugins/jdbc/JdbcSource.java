package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kr.madang.plugins.jdbc.SourceConfig.Layout;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Reads tables of SQL databases. */
final class JdbcSource implements SourceFactory<SourceConfig> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long VERIFY_MEMORY = 64L << 20;

  @Override
  public String name() {
    return "jdbc";
  }

  @Override
  public String title() {
    return "Table of a SQL database";
  }

  @Override
  public Class<SourceConfig> config() {
    return SourceConfig.class;
  }

  @Override
  public Optional<Schema> frames(SourceConfig config) {
    if (config.layout() == Layout.LONG) {
      return Optional.empty();
    }
    Optional<Schema> declared = Fields.declared(config);
    if (declared.isPresent()) {
      return declared;
    }
    Connection connection = Drivers.open(config.server(), TIMEOUT, "check");
    try {
      return Optional.of(Fields.schema(Fields.of(config, table(connection, config))));
    } finally {
      Drivers.close(connection);
    }
  }

  @Override
  public void verify(SourceConfig config, Verification verification) {
    try (Attempt attempt = new Attempt(config)) {
      verification.step("connect to " + config.server().target(), attempt::connect);
      verification.step("find " + config.what() + " and its columns", attempt::find);
      verification.step("read the first row", attempt::read);
    }
  }

  @Override
  public Source open(SourceConfig config, SourceContext context) {
    Connection connection = Drivers.open(config.server(), context.timeout(), context.name());
    Mapping mapping = null;
    try {
      Table table = table(connection, config);
      ColumnType unique = tieBreaker(connection, config, table);
      Selection selection = new Selection(config, table);
      mapping = Mapping.of(config, table, selection, context.allocator());
      Query query = new Query(config, table, selection, unique);
      if (table.column("watermark.column", config.watermark().column()).nullable()) {
        context
            .logger()
            .info(
                "{}: rows whose {} is NULL are never read",
                config.what(),
                config.watermark().column());
      }
      Bookmark bookmark =
          context.position().map(position -> Bookmark.of(position, unique != null)).orElse(null);
      boolean fresh = bookmark == null;
      if (bookmark == null) {
        bookmark = start(config, query, connection);
      }
      return new TableSource(
          connection, config, query, mapping, context, bookmark, fresh && bookmark != null);
    } catch (SQLException e) {
      release(connection, mapping);
      throw Failures.atOpen(config.server().target() + ", " + config.what(), e);
    } catch (RuntimeException e) {
      release(connection, mapping);
      throw e;
    }
  }

  private static void release(Connection connection, @Nullable Mapping mapping) {
    if (mapping != null) {
      mapping.close();
    }
    Drivers.close(connection);
  }

  private static @Nullable Bookmark start(SourceConfig config, Query query, Connection connection)
      throws SQLException {
    String from = config.watermark().from();
    return switch (from) {
      case "earliest" -> null;
      case "latest" -> {
        String greatest = query.greatest(connection);
        yield greatest == null ? null : new Bookmark(greatest, null, false);
      }
      default -> new Bookmark(from, null, true);
    };
  }

  private static Table table(Connection connection, SourceConfig config) {
    try {
      return Table.of(connection, config.server().kind(), config.from(), config.what());
    } catch (SQLException e) {
      throw Failures.atOpen(config.server().target() + ", " + config.what(), e);
    }
  }

  /** What tells rows of one watermark apart; without it some of them would be lost. */
  private static @Nullable ColumnType tieBreaker(
      Connection connection, SourceConfig config, Table table) throws SQLException {
    if (config.watermark().unique().isPresent()) {
      return Query.unique(config, table);
    }
    String column = config.watermark().column();
    List<Set<String>> keys =
        Table.uniqueKeys(connection, config.server().kind(), config.schema(), config.table());
    if (!keys.contains(Set.of(column))) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "watermark.unique: expected a column that tells rows of one "
              + column
              + " apart, because "
              + column
              + " has no unique index of its own; name one, or name "
              + column
              + " again if its values never repeat");
    }
    return null;
  }

  /** One try to read, step by step. */
  private static final class Attempt implements AutoCloseable {
    private final SourceConfig config;
    private @Nullable Connection connection;

    private Attempt(SourceConfig config) {
      this.config = config;
    }

    private Connection connection() {
      if (connection == null) {
        throw new IllegalStateException("not connected");
      }
      return connection;
    }

    private void connect() {
      connection = Drivers.open(config.server(), TIMEOUT, "check");
    }

    private void find() throws SQLException {
      Table table = table(connection(), config);
      ColumnType unique = tieBreaker(connection(), config, table);
      try (RootAllocator memory = new RootAllocator(VERIFY_MEMORY);
          Mapping mapping = Mapping.of(config, table, new Selection(config, table), memory)) {
        if (mapping.rows() == 0 && unique != null) {
          new Query(config, table, new Selection(config, table), unique);
        }
      }
    }

    private void read() {
      Table table = table(connection(), config);
      Selection selection = new Selection(config, table);
      try (RootAllocator memory = new RootAllocator(VERIFY_MEMORY);
          Mapping mapping = Mapping.of(config, table, selection, memory)) {
        Query query = new Query(config, table, selection, Query.unique(config, table));
        try (PreparedStatement page = query.page(connection(), null, false)) {
          page.setMaxRows(1);
          query.bind(page, null, null);
          try (ResultSet rows = page.executeQuery()) {
            String why = rows.next() ? mapping.map(rows) : null;
            if (why != null) {
              throw new PluginException(ErrorCode.BAD_DATA, config.what() + ": " + why);
            }
          }
        }
      } catch (SQLException e) {
        throw Failures.atOpen(config.what(), e);
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
