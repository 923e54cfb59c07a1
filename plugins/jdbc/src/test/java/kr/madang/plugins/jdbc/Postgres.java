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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real PostgreSQL server, which lives as long as the tests of this module. */
final class Postgres implements AutoCloseable {
  private static final String KEY = "postgres";

  private final Path work;
  private final Path data;
  private EmbeddedPostgres server;

  private Postgres(Path work) throws IOException {
    this.work = work;
    this.data = work.resolve("data");
    this.server = start(0);
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
      postgres.close();
    }
  }

  static Postgres start() throws IOException {
    return new Postgres(Files.createTempDirectory("postgres"));
  }

  private EmbeddedPostgres start(int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofSeconds(60))
            .setOverrideWorkingDirectory(work.toFile())
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setServerConfig("max_connections", "50")
            .setRegisterShutdownHook(false);
    if (port != 0) {
      builder.setPort(port);
    }
    return builder.start();
  }

  /** Ends the server as a power cut would end it. */
  void kill() throws Exception {
    List<ProcessHandle> all = new ArrayList<>();
    ProcessHandle main = ProcessHandle.of(pid()).orElseThrow();
    main.descendants().forEach(all::add);
    all.addFirst(main);
    all.forEach(ProcessHandle::destroyForcibly);
    Await.until("the server is gone", () -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** The process whose children serve. */
  long pid() throws IOException {
    return Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
  }

  /** Starts the killed server anew, at the same port, on the same data. */
  void restart() throws IOException {
    int port = server.getPort();
    Files.deleteIfExists(data.resolve("postmaster.pid"));
    Files.deleteIfExists(data.resolve("epg-lock"));
    server = start(port);
  }

  @Override
  public void close() throws IOException {
    server.close();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
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
