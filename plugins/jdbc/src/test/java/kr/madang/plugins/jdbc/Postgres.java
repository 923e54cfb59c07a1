package kr.madang.plugins.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Secret;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real PostgreSQL server, which lives as long as the tests of this module. */
final class Postgres {
  private static final String KEY = "postgres";

  private final EmbeddedPostgres server;

  private Postgres(EmbeddedPostgres server) {
    this.server = server;
  }

  /** The server that all tests share. */
  static synchronized Postgres shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(KEY, _ -> new Holder(), Holder.class)
        .postgres;
  }

  private static final class Holder implements AutoCloseable {
    private final Postgres postgres;

    private Holder() {
      try {
        postgres = start();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      postgres.server.close();
    }
  }

  static Postgres start() throws IOException {
    Path work = Files.createTempDirectory("postgres");
    return new Postgres(
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofSeconds(60))
            .setOverrideWorkingDirectory(work.toFile())
            .start());
  }

  int port() {
    return server.getPort();
  }

  Connection connect() throws SQLException {
    return server.getPostgresDatabase().getConnection();
  }

  void run(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of what a query gives, as text. */
  List<String> ask(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    }
  }

  Server config() {
    return config(port());
  }

  static Server config(int port) {
    return new Server(
        Kind.POSTGRESQL,
        Optional.of("127.0.0.1"),
        Optional.of(port),
        Optional.of("postgres"),
        Optional.of("postgres"),
        Optional.of(new Secret("postgres")),
        new Server.Tls(Server.Mode.AUTO, Optional.empty()),
        Optional.empty());
  }
}
