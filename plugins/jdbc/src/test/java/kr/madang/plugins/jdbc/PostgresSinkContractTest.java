package kr.madang.plugins.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SinkContract;
import kr.madang.sdk.testkit.contract.Store;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The drivers do not hear interrupts: a call ends by its time-out. */
@ExtendWith(SharedPostgres.class)
class PostgresSinkContractTest extends SinkContract<SinkConfig> {
  private static Postgres postgres;

  @BeforeAll
  static void server(Postgres shared) {
    postgres = shared;
  }

  @Override
  protected SinkFactory<SinkConfig> factory() {
    return new JdbcSink();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.INTERRUPTION);
  }

  /** Drivers know time-outs of whole seconds only. */
  @Override
  protected Set<String> slow() {
    return Set.of("aStoreThatIsSilentFromTheStartIsAnErrorThatCanPass");
  }

  @Override
  protected int lives() {
    return 5;
  }

  @Override
  protected SinkConfig config(Place place) {
    return Configs.sink(Postgres.config(place.port()), "contract_sink");
  }

  @Override
  protected Map<String, Callable<SinkConfig>> wrongConfigs(Place place) {
    Server server = Postgres.config(place.port());
    return Map.of(
        "table",
        () -> Configs.sink(server, ""),
        "columns",
        () -> new SinkConfig(server, Optional.empty(), "t", true, Map.of("a", "x", "b", "x")));
  }

  @Override
  protected Store store(Path folder) throws Exception {
    postgres.run("DROP TABLE IF EXISTS contract_sink");
    return new Store() {
      @Override
      public int port() {
        return postgres.port();
      }

      @Override
      public List<Sample> stored() throws Exception {
        return rows();
      }
    };
  }

  private static List<Sample> rows() throws Exception {
    List<Sample> samples = new ArrayList<>();
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet table = statement.executeQuery("SELECT to_regclass('contract_sink')")) {
        if (!table.next() || table.getString(1) == null) {
          return samples;
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT tag, value, status, source_time_ns FROM contract_sink ORDER BY sequence")) {
        while (rows.next()) {
          samples.add(
              new Sample(
                  rows.getString(1),
                  rows.getObject(2),
                  (int) rows.getLong(3),
                  (Long) rows.getObject(4),
                  0));
        }
      }
    }
    return samples;
  }
}
