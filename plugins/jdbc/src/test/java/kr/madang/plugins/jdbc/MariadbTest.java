package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

@EnabledIf(
    value = "kr.madang.plugins.jdbc.Mariadb#installed",
    disabledReason =
        "needs a MariaDB server: apt-get install mariadb-server-core mariadb-client-core")
class MariadbTest {
  private static Mariadb server;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @BeforeAll
  static void start() throws Exception {
    server = new Mariadb();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void samplesAreWrittenOnceWithStatusAndNanoseconds() throws Exception {
    SinkConfig config = Configs.sink(server.config(), "samples");
    FakeSinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
    for (int life = 0; life < 2; life++) {
      try (Sink sink = new JdbcSink().open(config, Samples.SCHEMA, context);
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3000);
          Batch next = Batches.numbers(arrow.get(), "s", 1, 2000, 3000);
          SampleWriter writer = new SampleWriter(arrow.get())) {
        sink.write(batch);
        sink.write(next);
        writer.putText(writer.tag("마당"), "값 😀", Quality.BAD_SENSOR_FAILURE, Batches.TIME);
        try (Batch last = Batches.stamped(writer.take(), "t", 1, 0)) {
          sink.write(last);
        }
      }
    }
    assertThat(context.rejects()).isEmpty();
    assertThat(
            server.ask(
                "SELECT concat_ws(' ', count(*), count(distinct sequence), sum(value)) FROM samples"
                    + " WHERE stream = 's'"))
        .containsExactly("5000 5000 12497500");
    assertThat(
            server.ask(
                "SELECT concat_ws('|', tag, `text`, status, source_time, source_time_ns) FROM"
                    + " samples WHERE stream = 't'"))
        .containsExactly("마당|값 😀|2156658688|2026-01-01 00:00:00.123456|1767225600123456789");
  }

  @Test
  void refusedRowsAreRejectedAlone() throws Exception {
    SinkConfig config = Configs.sink(server.config(), "strict");
    FakeSinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
    new JdbcSink().open(config, Samples.SCHEMA, context).close();
    server.run(
        "ALTER TABLE strict ADD CONSTRAINT five CHECK (value <> 5)",
        "ALTER TABLE strict MODIFY `long` smallint",
        "ALTER TABLE strict ADD UNIQUE (`long`)");
    try (Sink sink = new JdbcSink().open(config, Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      for (int i = 0; i < 10; i++) {
        writer.put("a", i, 0, i);
      }
      writer.putLong(writer.tag("a"), 70_000, 0, 0);
      writer.putLong(writer.tag("a"), 7, 0, 0);
      writer.putLong(writer.tag("a"), 7, 0, 0); // Another key of the table: not to be swallowed.
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 0)) {
        sink.write(batch);
      }
    }
    assertThat(server.ask("SELECT count(*) FROM strict")).containsExactly("10");
    assertThat(context.rejects().stream().map(r -> r.substring(0, r.indexOf(' '))))
        .containsExactly("{5}", "{10}", "{12}");
  }

  @Test
  void aTableIsReadInOrderAcrossPagesAndRestarts() throws Exception {
    server.run(
        "CREATE TABLE readings (at datetime(6), n bigint unsigned, tag varchar(20), value double,"
            + " note text)",
        "INSERT INTO readings SELECT '2026-01-01' + INTERVAL (seq DIV 37) MICROSECOND, seq, 'a',"
            + " if(seq = 5, null, seq / 2), 'x' FROM seq_0_to_999",
        "INSERT INTO readings VALUES ('9999-01-01', 18446744073709551615, 'b', 1, 'future')");
    SourceConfig config =
        Configs.source(server.config(), "readings", "at")
            .unique("n")
            .samples("tag", List.of("value"), Optional.empty())
            .batch(10)
            .build();
    List<Map<String, Object>> rows = new ArrayList<>();
    Optional<Position> position = Optional.empty();
    for (int life = 0; life < 26; life++) {
      FakeSourceContext context = new FakeSourceContext(arrow.get());
      try (Reading reading =
          new Reading(config, position.map(context::resumedAt).orElse(context))) {
        for (int i = 0; i < 4; i++) {
          reading.poll();
        }
        rows.addAll(reading.rows);
        position = Optional.ofNullable(reading.position).or(context::position);
      }
    }
    assertThat(rows.size()).isEqualTo(1000);
    for (int i = 0; i < 1000; i++) {
      assertThat(rows.get(i).get("value")).isEqualTo(i == 5 ? null : i / 2.0);
      assertThat(rows.get(i).get("sourceTime"))
          .isEqualTo(1_767_225_600_000_000_000L + i / 37 * 1000);
    }
    assertThat(rows.get(5)).containsEntry("status", Quality.BAD_NO_DATA);
  }

  @Test
  void aServerThatIsKilledWhileItIsWrittenToHasEachRowOnce() throws Exception {
    FakeSinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
    try (ExecutorService hand = Executors.newSingleThreadExecutor();
        Delivery delivery = new Delivery(Configs.sink(server.config(), "killed"), context)) {
      long next = 0;
      delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * 50, 50), next++);
      Future<?> killer =
          hand.submit(() -> {
            server.kill();
            server.restart();
            return null;
          });
      while (!killer.isDone()) {
        delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * 50, 50), next++);
      }
      killer.get();
      delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * 50, 50), next++);
      assertThat(
              server.ask(
                  "SELECT concat_ws(' ', count(*), count(DISTINCT sequence), max(sequence) + 1)"
                      + " FROM killed"))
          .containsExactly("%1$d %1$d %1$d".formatted(next * 50));
    }
    assertThat(context.rejects()).isEmpty();
  }
}
