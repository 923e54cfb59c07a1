package kr.madang.plugins.jdbc;

import java.nio.file.Path;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;

/**
 * Where a database is and how it is entered. There is no URL and there are no free properties: both
 * have been ways to run code or to read files in other products.
 */
record Server(
    @Doc("postgresql, mariadb or sqlite") Kind kind,
    @Doc("Host name or address; not for sqlite") Optional<String> host,
    @Doc("TCP port; 5432 or 3306 if left out") @Range(min = 1, max = 65535) Optional<Integer> port,
    @Doc("Name of the database; not for sqlite") Optional<String> database,
    @Doc("Name of the user; not for sqlite") Optional<String> user,
    @Doc("Password of the user") Optional<Secret> password,
    @Doc("How the connection is kept secret") @Default("{}") Tls tls,
    @Doc("The file of sqlite") Optional<Path> file) {

  /** Checks that what the kind needs is there, and nothing else. */
  Server {
    if (kind == Kind.SQLITE) {
      Checks.that(file.isPresent(), "server.file", "the file of the database", "nothing");
      // The driver takes what follows a question mark for settings, load_extension among them.
      Checks.that(
          file.map(path -> Checks.plain(path.toString()) && path.toString().indexOf('?') < 0)
              .orElse(false),
          "server.file",
          "a path without question marks and control characters",
          file.get());
      Checks.that(
          host.isEmpty() && port.isEmpty() && database.isEmpty() && user.isEmpty(),
          "server",
          "only a file for sqlite",
          "host, port, database or user too");
    } else {
      Checks.that(file.isEmpty(), "server.file", "nothing for " + kind.word(), "a file");
      Checks.that(
          host.map(name -> name.matches("[A-Za-z0-9._:%-]{1,253}")).orElse(false),
          "server.host",
          "one host name or address",
          host.map(name -> "'" + name + "'").orElse("nothing"));
      Checks.identifier("server.database", database.orElse(""), kind);
      Checks.that(
          database.orElse("").chars().noneMatch(c -> "?&/#;%=\\".indexOf(c) >= 0),
          "server.database",
          "a name without any of ? & / # ; % = \\",
          "'" + database.orElse("") + "'");
      Checks.identifier("server.user", user.orElse(""), kind);
    }
  }

  /**
   * How the connection is kept secret.
   *
   * @param ca a PEM file with the certificates that are trusted
   */
  record Tls(
      @Doc(
              "verify: certificate and host name are checked; verifyca: the certificate alone; off;"
                  + " auto: off on the loopback interface, else verify")
          @Default("auto")
          Mode mode,
      @Doc("PEM file of trusted certificates; those of the Java runtime if left out")
          Optional<Path> ca) {}

  /** How much of the far side is checked. */
  enum Mode {
    /** Off on the loopback interface, else {@link #VERIFY}. */
    AUTO,
    /** In the clear. */
    OFF,
    /** The certificate must be trusted. */
    VERIFYCA,
    /** The certificate must be trusted and must be of this host. */
    VERIFY
  }

  /** The mode with {@link Mode#AUTO} resolved. */
  Mode tlsMode() {
    if (tls.mode() != Mode.AUTO) {
      return tls.mode();
    }
    String name = host.orElse("");
    return name.equals("localhost") || name.matches("127(\\.[0-9]{1,3}){3}") || name.equals("::1")
        ? Mode.OFF
        : Mode.VERIFY;
  }

  int portOrDefault() {
    return port.orElse(kind == Kind.MARIADB ? 3306 : 5432);
  }

  /** The database as people call it; holds no secret. */
  String target() {
    if (kind == Kind.SQLITE) {
      return String.valueOf(file.orElse(null));
    }
    String name = host.orElse("");
    return kind.word()
        + " "
        + (name.indexOf(':') < 0 ? name : "[" + name + "]")
        + ":"
        + portOrDefault()
        + "/"
        + database.orElse("");
  }
}
