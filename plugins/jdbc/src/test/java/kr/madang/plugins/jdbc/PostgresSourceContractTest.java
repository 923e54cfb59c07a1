package kr.madang.plugins.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rows say which tags there are; a table takes no commands; the drivers hear no interrupts. */
@ExtendWith(SharedPostgres.class)
class PostgresSourceContractTest extends SourceContract<SourceConfig> {
  private static Postgres postgres;

  @BeforeAll
  static void server(Postgres shared) {
    postgres = shared;
  }

  @Override
  protected SourceFactory<SourceConfig> factory() {
    return new JdbcSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(
        Capability.DECLARED_TAGS,
        Capability.COMMANDS,
        Capability.BROWSING,
        Capability.INTERRUPTION);
  }

  /** Drivers know time-outs of whole seconds only. */
  @Override
  protected Set<String> slow() {
    return Set.of("aDeviceThatIsSilentFromTheStartIsAnErrorThatCanPass");
  }

  @Override
  protected int lives() {
    return 5;
  }

  private static Configs.Source of(int port, String table) {
    return Configs.source(Postgres.config(port), table, "id");
  }

  @Override
  protected SourceConfig config(Place place) {
    return of(place.port(), "contract_source")
        .time("at")
        .samples("tag", List.of("value"), Optional.of("status"))
        .follow()
        .build();
  }

  @Override
  protected Map<String, Callable<SourceConfig>> wrongConfigs(Place place) {
    return Map.of(
        "table",
        () -> of(place.port(), "").build(),
        "batch",
        () -> of(place.port(), "t").batch(0).build(),
        "watermark",
        () -> Configs.source(Postgres.config(place.port()), "t", "").build());
  }

  @Override
  protected Device device(Path folder) throws Exception {
    postgres.run("DROP TABLE IF EXISTS contract_source");
    postgres.run(
        "CREATE TABLE contract_source (id bigserial PRIMARY KEY, tag text, value float8,"
            + " status bigint, at timestamptz)");
    Connection connection = postgres.connect();
    PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO contract_source (tag, value, status, at) VALUES (?, ?, ?, ?::timestamptz)");
    return new Device() {
      @Override
      public int port() {
        return postgres.port();
      }

      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) throws Exception {
        insert.setString(1, tag);
        insert.setDouble(2, value);
        insert.setLong(3, Integer.toUnsignedLong(status));
        insert.setString(4, time.toString());
        insert.executeUpdate();
      }

      @Override
      public void close() throws Exception {
        connection.close();
      }
    };
  }
}
