package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SqliteTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @TempDir Path folder;

  @Test
  void samplesAreWrittenOnceAndReadBack() throws Exception {
    Path file = folder.resolve("plant.db");
    SinkConfig config = Configs.sink(Configs.sqlite(file), "samples");
    FakeSinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
    for (int life = 0; life < 2; life++) {
      try (Sink sink = new JdbcSink().open(config, Samples.SCHEMA, context);
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3000)) {
        sink.write(batch);
        sink.write(batch);
      }
    }
    assertThat(ask(file, "SELECT count(*) || ' ' || max(source_time) FROM samples"))
        .containsExactly("3000 2026-01-01T00:00:00.123459788Z");
    SourceConfig source =
        Configs.source(Configs.sqlite(file), "samples", "sequence")
            .unique("stream")
            .time("source_time_ns")
            .samples("tag", List.of("value", "long", "text"), Optional.of("status"))
            .build();
    try (Reading reading = new Reading(source, new FakeSourceContext(arrow.get())).all()) {
      assertThat(reading.rows.size()).isEqualTo(3000);
      assertThat(reading.rows.get(2999))
          .containsEntry("value", 2999.0)
          .containsEntry("status", 0)
          .containsEntry("sourceTime", Batches.TIME + 2999);
    }
  }

  @Test
  void aCellOfAnotherTypeThanDeclaredIsNoNumber() throws Exception {
    Path file = folder.resolve("any.db");
    run(
        file,
        "CREATE TABLE any (id INTEGER PRIMARY KEY, at TEXT, v REAL, n INTEGER)",
        "INSERT INTO any VALUES (1, '2026-01-01 00:00:00', 'abc', 2.5), (2,"
            + " '2026-01-01T09:00:01+09:00', 1.5, 7), (3, 'yesterday', 1, 1), (4, '2026-01-02',"
            + " x'00', NULL)");
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    SourceConfig config = Configs.source(Configs.sqlite(file), "any", "id").time("at").build();
    try (Reading reading = new Reading(config, context).all()) {
      assertThat(reading.column("time"))
          .containsExactly(
              1_767_225_600_000_000_000L, 1_767_225_601_000_000_000L, 1_767_312_000_000_000_000L);
      assertThat(reading.column("v#status"))
          .containsExactly(Quality.BAD_TYPE_MISMATCH, 0, Quality.BAD_TYPE_MISMATCH);
      assertThat(reading.column("n")).containsExactly(2.5, 7.0, null);
    }
    assertThat(context.rejects()).hasSize(1).first().asString().startsWith("id=3");
  }

  @Test
  void refusedRowsAreRejectedAlone() throws Exception {
    Path file = folder.resolve("strict.db");
    SinkConfig config = Configs.sink(Configs.sqlite(file), "samples");
    FakeSinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
    new JdbcSink().open(config, Samples.SCHEMA, context).close();
    run(
        file,
        "CREATE TRIGGER no BEFORE INSERT ON samples WHEN NEW.value = 5 BEGIN SELECT RAISE(ABORT,"
            + " 'five is right out'); END");
    try (Sink sink = new JdbcSink().open(config, Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      for (int i = 0; i < 10; i++) {
        writer.put("a", i == 7 ? Double.POSITIVE_INFINITY : i, 0, i);
      }
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 0)) {
        sink.write(batch);
      }
    }
    assertThat(ask(file, "SELECT count(*) FROM samples")).containsExactly("8");
    assertThat(context.rejects()).hasSize(2);
    assertThat(context.rejects().getFirst()).contains("{5}", "five is right out");
    assertThat(context.rejects().getLast()).contains("{7}", "expected a finite number");
  }

  @Test
  void aDatabaseInUseIsTriedAgain() throws Exception {
    Path file = folder.resolve("busy.db");
    SinkConfig config = Configs.sink(Configs.sqlite(file), "samples");
    FakeSinkContext context =
        new FakeSinkContext(
            arrow.get(), new ManualClock(), Duration.ofMillis(100), new ArrayList<>());
    try (Sink sink = new JdbcSink().open(config, Samples.SCHEMA, context);
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = other.createStatement();
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3)) {
      statement.execute("BEGIN EXCLUSIVE");
      assertThatThrownBy(() -> sink.write(batch))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(Failures.CONTENTION));
    }
    assertThat(context.rejects()).isEmpty();
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("text.db"), "this is no database ".repeat(100));
    CollectedVerification verification = new CollectedVerification();
    new JdbcSink().verify(Configs.sink(Configs.sqlite(file), "samples"), verification);
    assertThat(String.join("\n", verification.results()))
        .contains("not a database")
        .doesNotContain("Exception");
  }

  private static void run(Path file, String... sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.execute(each);
      }
    }
  }

  private static List<String> ask(Path file, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }
}
