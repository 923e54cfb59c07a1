package kr.madang.plugins.jdbc;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.Properties;
import kr.madang.plugins.jdbc.Server.Mode;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * Opens connections: three drivers by name, each with the properties written here and no others. A
 * stage is one thread and has one connection; there is no pool.
 */
final class Drivers {
  private Drivers() {}

  /**
   * A new connection, in auto-commit, in UTC, with time-outs for statement and socket.
   *
   * @param who the name of the stage, for the database's list of sessions
   */
  static Connection open(Server server, Duration timeout, String who) {
    try {
      return switch (server.kind()) {
        case POSTGRESQL -> postgresql(server, timeout, who);
        case MARIADB -> mariadb(server, timeout);
        case SQLITE -> sqlite(server, timeout);
      };
    } catch (SQLException e) {
      throw Failures.atOpen(server.target(), e);
    }
  }

  private static Connection postgresql(Server server, Duration timeout, String who)
      throws SQLException {
    Properties properties = new Properties();
    enter(server, properties);
    long seconds = Math.max(1, (timeout.toMillis() + 999) / 1000);
    properties.put("connectTimeout", String.valueOf(seconds));
    // The server gives up first and says so; this is for one that says nothing at all.
    properties.put("socketTimeout", String.valueOf(seconds + 1));
    properties.put("cancelSignalTimeout", "1");
    properties.put("tcpKeepAlive", "true");
    properties.put("prepareThreshold", "1");
    properties.put("maxResultBuffer", "64M");
    properties.put("gssEncMode", "disable");
    properties.put("ApplicationName", "madang " + who);
    Mode tls = server.tlsMode();
    switch (tls) {
      case OFF -> {
        properties.put("sslmode", "disable");
        properties.put("requireAuth", "!password");
      }
      default -> {
        properties.put("sslmode", tls == Mode.VERIFY ? "verify-full" : "verify-ca");
        if (server.tls().ca().isPresent()) {
          properties.put("sslrootcert", server.tls().ca().get().toString());
        } else {
          properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
      }
    }
    Connection connection =
        connect(PostgresDriver.make(), "jdbc:postgresql://" + address(server), properties);
    return begin(
        connection,
        "SET statement_timeout = " + timeout.toMillis(),
        "SET TimeZone = 'UTC'",
        "SET standard_conforming_strings = on",
        "SET extra_float_digits = 3",
        "SELECT set_config('synchronous_commit', 'on', false)"
            + " WHERE current_setting('synchronous_commit') = 'off'");
  }

  private static Connection mariadb(Server server, Duration timeout) throws SQLException {
    Driver driver;
    try {
      driver =
          (Driver)
              Class.forName("org.mariadb.jdbc.Driver", true, Drivers.class.getClassLoader())
                  .getDeclaredConstructor()
                  .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "server.kind: MariaDB's driver is not part of this plugin (its licence is the LGPL);"
              + " add mariadb-java-client to lib/ of the plugin's archive and install that, as the"
              + " plugin's README says",
          e);
    }
    Properties properties = new Properties();
    enter(server, properties);
    properties.put("connectTimeout", String.valueOf(timeout.toMillis()));
    properties.put("socketTimeout", String.valueOf(timeout.toMillis() + 1000));
    properties.put("tcpKeepAlive", "true");
    properties.put("allowLocalInfile", "false");
    properties.put("allowMultiQueries", "false");
    properties.put("permitRedirect", "false");
    properties.put("useBulkStmts", "true");
    properties.put("tinyInt1isBit", "false");
    Mode tls = server.tlsMode();
    if (tls == Mode.OFF) {
      properties.put("sslMode", "disable");
      // Nothing that shows the password to who listens.
      properties.put("restrictedAuth", "mysql_native_password,client_ed25519,parsec");
    } else {
      properties.put("sslMode", tls == Mode.VERIFY ? "verify-full" : "verify-ca");
      server.tls().ca().map(Path::toString).ifPresent(ca -> properties.put("serverSslCert", ca));
    }
    Connection connection = connect(driver, "jdbc:mariadb://" + address(server), properties);
    return begin(
        connection,
        "SET SESSION max_statement_time = %d.%03d"
            .formatted(timeout.toMillis() / 1000, timeout.toMillis() % 1000),
        "SET SESSION time_zone = '+00:00'",
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'");
  }

  private static Connection sqlite(Server server, Duration timeout) throws SQLException {
    Properties properties = new Properties();
    properties.put("enable_load_extension", "false");
    Connection connection =
        connect(
            new org.sqlite.JDBC(),
            // An absolute path is never one of the forms that the driver fetches from elsewhere.
            "jdbc:sqlite:" + server.file().orElseThrow().toAbsolutePath().normalize(),
            properties);
    return begin(
        connection,
        "PRAGMA busy_timeout = " + timeout.toMillis(),
        "PRAGMA synchronous = FULL",
        "PRAGMA trusted_schema = OFF");
  }

  private static void enter(Server server, Properties properties) {
    properties.put("user", server.user().orElse(""));
    // Never left out: a driver may look for one in files of this machine's user.
    properties.put("password", server.password().map(secret -> secret.value()).orElse(""));
  }

  private static String address(Server server) {
    String host = server.host().orElse("");
    return (host.indexOf(':') < 0 ? host : "[" + host + "]")
        + ":"
        + server.portOrDefault()
        + "/"
        + (server.kind() == Kind.MARIADB // Its driver takes the name as it stands.
            ? server.database().orElse("")
            : URLEncoder.encode(server.database().orElse(""), StandardCharsets.UTF_8)
                .replace("+", "%20"));
  }

  private static Connection connect(Driver driver, String url, Properties properties)
      throws SQLException {
    Connection connection = driver.connect(url, properties);
    if (connection == null) {
      throw new SQLException("the driver does not take this address", "08001");
    }
    return connection;
  }

  private static Connection begin(Connection connection, String... settings) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String setting : settings) {
        statement.execute(setting);
      }
      return connection;
    } catch (SQLException | RuntimeException e) {
      close(connection);
      throw e;
    }
  }

  /** Closes what may be broken. */
  static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is gone, which is what was wanted.
    }
  }

  /** The driver keeps a thread of the common pool for 30 s after its last connection: for 1 s. */
  private static final class PostgresDriver {
    private static final String LINGERS = "pgjdbc.config.cleanup.thread.ttl";

    static {
      if (System.getProperty(LINGERS) == null) {
        System.setProperty(LINGERS, "1000");
        org.postgresql.util.LazyCleanerImpl.getInstance(); // Reads it once.
        System.clearProperty(LINGERS);
      }
    }

    private PostgresDriver() {}

    static Driver make() {
      return new org.postgresql.Driver();
    }
  }

  /** Drivers enter themselves in a list of the Java runtime, which would keep this plugin alive. */
  static void forget() {
    // To look at the list loads drivers of ours that others have too, and enters them: look again.
    while (forgetOnce()) {}
  }

  private static boolean forgetOnce() {
    boolean any = false;
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      if (Drivers.class.getClassLoader().equals(driver.getClass().getClassLoader())) {
        try {
          DriverManager.deregisterDriver(driver);
          any = true;
        } catch (SQLException e) {
          return false; // Somebody else takes them out.
        }
      }
    }
    return any;
  }
}
