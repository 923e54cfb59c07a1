package kr.madang.plugins.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;

/**
 * A MariaDB server, where the system has one (Debian: mariadb-server-core and mariadb-client-core).
 */
final class Mariadb implements AutoCloseable {
  private static final Path SERVER = Path.of("/usr/sbin/mariadbd");
  private static final Path INSTALL = Path.of("/usr/bin/mariadb-install-db");

  private final Path work;
  private final int port;
  private Process process;

  Mariadb() throws Exception {
    work = Files.createTempDirectory("mariadb");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Process install =
        new ProcessBuilder(
                INSTALL.toString(),
                "--no-defaults",
                "--datadir=" + work.resolve("data"),
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--user=" + System.getProperty("user.name"))
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("install.log").toFile())
            .start();
    if (install.waitFor() != 0) {
      throw new IOException(Files.readString(work.resolve("install.log")));
    }
    Files.writeString(
        work.resolve("init.sql"),
        "CREATE DATABASE IF NOT EXISTS plant;"
            + "\nCREATE USER IF NOT EXISTS 'madang'@'%' IDENTIFIED BY 'a?&b';"
            + "\nGRANT ALL ON plant.* TO 'madang'@'%';\n");
    process = begin();
    Await.until("MariaDB answers", Duration.ofSeconds(60), this::answers);
  }

  static boolean installed() {
    return Files.isExecutable(SERVER)
        && Files.isExecutable(INSTALL)
        && Files.isExecutable(Path.of("/usr/bin/my_print_defaults"));
  }

  private Process begin() throws IOException {
    return new ProcessBuilder(
            SERVER.toString(),
            "--no-defaults",
            "--datadir=" + work.resolve("data"),
            "--socket=" + work.resolve("s"),
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--user=" + System.getProperty("user.name"),
            "--init-file=" + work.resolve("init.sql"))
        .redirectErrorStream(true)
        .redirectOutput(work.resolve("log").toFile())
        .start();
  }

  private boolean answers() throws SQLException {
    try {
      connect().close();
      return true;
    } catch (PluginException e) {
      return false;
    }
  }

  void kill() throws Exception {
    process.destroyForcibly().waitFor();
  }

  void restart() throws Exception {
    process = begin();
    Await.until("MariaDB answers again", Duration.ofSeconds(60), this::answers);
  }

  Connection connect() {
    return Drivers.open(config(), Duration.ofSeconds(5), "test");
  }

  void run(String... sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

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
    return new Server(
        Kind.MARIADB,
        Optional.of("127.0.0.1"),
        Optional.of(port),
        Optional.of("plant"),
        Optional.of("madang"),
        Optional.of(new Secret("a?&b")),
        new Server.Tls(Server.Mode.AUTO, Optional.empty()),
        Optional.empty());
  }

  @Override
  public void close() throws Exception {
    kill();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
