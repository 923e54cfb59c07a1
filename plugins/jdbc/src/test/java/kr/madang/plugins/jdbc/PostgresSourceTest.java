package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import kr.madang.plugins.jdbc.SourceConfig.Column;
import kr.madang.plugins.jdbc.SourceConfig.Type;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(SharedPostgres.class)
class PostgresSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void aTableOfManyTypesBecomesFrames(Postgres postgres) throws Exception {
    postgres.run(
        """
        CREATE TABLE types (id bigserial PRIMARY KEY, at timestamptz, small smallint, big bigint,
          real4 real, exact numeric(20, 4), yes boolean, name varchar(10), uid uuid, doc jsonb,
          local timestamp, raw bytea, list int[], "flow" float8, "flow#status" bigint);
        INSERT INTO types (at, small, big, real4, exact, yes, name, uid, doc, local, raw, list,
          flow, "flow#status") VALUES
          ('2026-01-01 09:00:00.123456+09', 3, 9007199254740993, 1.5, 12.3400, true, '마당',
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '2026-02-03 04:05:06', '\\x00',
           '{1}', 7.25, 2156658688),
          ('2026-01-01 00:00:01Z', null, null, 'NaN', null, null, null, null, null, null, null,
           null, null, null),
          ('infinity', 1, 1, 1, 1, true, '', null, null, null, null, null, 1, 0),
          (null, 1, 1, 1, 1, true, '', null, null, null, null, null, 1, 0)\
        """);
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    SourceConfig config = Configs.source(postgres.config(), "types", "id").time("at").build();
    assertThat(new JdbcSource().frames(config).orElseThrow().getFields())
        .extracting(f -> f.getName())
        .containsExactly(
            "time",
            "small",
            "small#status",
            "big",
            "big#status",
            "real4",
            "real4#status",
            "exact",
            "exact#status",
            "yes",
            "yes#status",
            "name",
            "name#status",
            "uid",
            "uid#status",
            "doc",
            "doc#status",
            "local",
            "local#status",
            "flow",
            "flow#status");
    try (Reading reading = new Reading(config, context).all()) {
      assertThat(reading.rows).hasSize(2);
      Map<String, Object> first = reading.rows.getFirst();
      assertThat(first)
          .containsEntry("time", 1_767_225_600_123_456_000L)
          .containsEntry("small", 3.0)
          .containsEntry("small#status", Quality.GOOD)
          .containsEntry("big", 9007199254740992.0)
          .containsEntry("big#status", Quality.UNCERTAIN)
          .containsEntry("real4", 1.5)
          .containsEntry("exact", 12.34)
          .containsEntry("yes", 1.0)
          .containsEntry("name", "마당")
          .containsEntry("uid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
          .containsEntry("doc", "{\"a\": 1}")
          .containsEntry("local", "2026-02-03 04:05:06")
          .containsEntry("flow", 7.25)
          .containsEntry("flow#status", Quality.BAD_SENSOR_FAILURE);
      Map<String, Object> second = reading.rows.getLast();
      assertThat(second.get("small")).isNull();
      assertThat(second)
          .containsEntry("small#status", Quality.BAD_NO_DATA)
          .containsEntry("real4#status", Quality.BAD_OUT_OF_RANGE)
          .containsEntry("flow#status", Quality.BAD_NO_DATA);
    }
    assertThat(context.rejects())
        .containsExactly(
            "id=3 → table types: at: expected a time between 1678 and 2262, got another",
            "id=4 → table types: at: expected a time between 1678 and 2262, got NULL");
  }

  @Test
  void rowsOfOneWatermarkAreNeitherLostNorDoubledAcrossPagesAndRestarts(Postgres postgres)
      throws Exception {
    postgres.run(
        """
        CREATE TABLE ties (key uuid, at timestamp, v int);
        INSERT INTO ties SELECT md5(i::text)::uuid, timestamp '2026-01-01' + (i / 37) * interval
          '1 microsecond', i FROM generate_series(0, 999) i\
        """);
    SourceConfig config =
        Configs.source(postgres.config(), "ties", "at").unique("key").batch(10).build();
    List<Map<String, Object>> rows = new java.util.ArrayList<>();
    Optional<Position> position = Optional.empty();
    for (int life = 0; life < 26; life++) {
      FakeSourceContext context = new FakeSourceContext(arrow.get());
      try (Reading reading =
          new Reading(config, position.map(context::resumedAt).orElse(context))) {
        for (int i = 0; i < 4; i++) {
          reading.poll();
        }
        rows.addAll(reading.rows);
        position = Optional.ofNullable(reading.position).or(() -> context.position());
      }
    }
    assertThat(rows.size()).isEqualTo(1000);
    assertThat(rows.stream().map(row -> ((Double) row.get("v")).intValue()).sorted())
        .containsExactlyElementsOf(LongStream.range(0, 1000).mapToObj(i -> (int) i).toList());
  }

  @Test
  void aTieBreakerIsAskedForWhenRowsCouldBeLost(Postgres postgres) throws Exception {
    postgres.run("CREATE TABLE loose (at timestamptz, v int)");
    SourceConfig config = Configs.source(postgres.config(), "loose", "at").build();
    assertThatThrownBy(() -> new Reading(config, new FakeSourceContext(arrow.get())))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageStartingWith("watermark.unique: expected a column");
    CollectedVerification verification = new CollectedVerification();
    new JdbcSource().verify(config, verification);
    assertThat(verification.results())
        .hasSize(3)
        .element(1)
        .asString()
        .contains("watermark.unique: expected");
  }

  @Test
  void aTransactionThatCommitsLateIsNotPassedOver(Postgres postgres) throws Exception {
    postgres.run(
        "CREATE TABLE late (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), v int)");
    SourceConfig config =
        Configs.source(postgres.config(), "late", "id")
            .time("at")
            .lag(Duration.ofMillis(700))
            .follow()
            .build();
    try (Connection slow = postgres.connect();
        Statement statement = slow.createStatement();
        Reading reading = new Reading(config, new FakeSourceContext(arrow.get()))) {
      slow.setAutoCommit(false);
      statement.execute("INSERT INTO late (v) VALUES (1)");
      postgres.run("INSERT INTO late (v) VALUES (2)");
      reading.poll();
      reading.poll();
      slow.commit();
      while (reading.rows.size() < 2) {
        reading.poll();
      }
      assertThat(reading.column("v")).containsExactly(1.0, 2.0);
    }
  }

  @Test
  void readingBeginsWhereItIsTold(Postgres postgres) throws Exception {
    postgres.run(
        "CREATE TABLE start (at timestamptz PRIMARY KEY, v int);"
            + "INSERT INTO start SELECT timestamptz '2026-01-01Z' + i * interval '1 day', i FROM"
            + " generate_series(0, 9) i");
    SourceConfig from =
        Configs.source(postgres.config(), "start", "at").from("2026-01-08T00:00:00Z").build();
    try (Reading reading = new Reading(from, new FakeSourceContext(arrow.get())).all()) {
      assertThat(reading.column("v")).containsExactly(7.0, 8.0, 9.0);
    }
    SourceConfig latest =
        Configs.source(postgres.config(), "start", "at").from("latest").follow().build();
    Position position;
    try (Reading reading = new Reading(latest, new FakeSourceContext(arrow.get()))) {
      reading.poll();
      position = java.util.Objects.requireNonNull(reading.position);
    }
    postgres.run("INSERT INTO start VALUES ('2026-02-01Z', 31)");
    FakeSourceContext later = new FakeSourceContext(arrow.get()).resumedAt(position);
    try (Reading reading = new Reading(latest, later)) {
      while (reading.rows.isEmpty()) {
        reading.poll();
      }
      assertThat(reading.column("v")).containsExactly(31.0);
    }
  }

  @Test
  void aWatermarkOfTheFarFutureDoesNotEndTheReading(Postgres postgres) throws Exception {
    postgres.run(
        "CREATE TABLE future (at timestamptz PRIMARY KEY, v int); INSERT INTO future VALUES"
            + " ('infinity', 1), ('9999-01-01Z', 2), ('1601-01-01Z', 3), ('2026-01-01Z', 4)");
    SourceConfig config = Configs.source(postgres.config(), "future", "at").build();
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    try (Reading reading = new Reading(config, context).all()) {
      assertThat(reading.column("v")).containsExactly(4.0);
    }
    assertThat(context.rejects()).hasSize(1).first().asString().startsWith("at=1601-01-01");
  }

  @Test
  void whatTheSinkWroteTheSourceReadsWithStatusAndNanoseconds(Postgres postgres) throws Exception {
    FakeSinkContext sinkContext = new FakeSinkContext(arrow.get(), new ManualClock());
    try (Sink sink =
            new JdbcSink()
                .open(Configs.sink(postgres.config(), "both"), Samples.SCHEMA, sinkContext);
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 5000)) {
      sink.write(batch);
    }
    SourceConfig config =
        Configs.source(postgres.config(), "both", "sequence")
            .unique("stream")
            .time("source_time_ns")
            .samples("tag", List.of("value", "long", "text", "bytes"), Optional.of("status"))
            .build();
    try (Reading reading = new Reading(config, new FakeSourceContext(arrow.get())).all()) {
      assertThat(reading.rows.size()).isEqualTo(5000);
      assertThat(reading.rows.get(4321))
          .containsEntry("tag", "a")
          .containsEntry("value", 4321.0)
          .containsEntry("status", 0)
          .containsEntry("sourceTime", Batches.TIME + 4321);
    }
  }

  @Test
  void columnsAreRenamedTypedAndHugeTextsLeftOut(Postgres postgres) throws Exception {
    postgres.run(
        "CREATE TABLE shaped (id int PRIMARY KEY, at bigint, n bigint, t text, q int);"
            + "INSERT INTO shaped VALUES (1, 1000, 9007199254740993, repeat('x', 70000), 0),"
            + " (2, 9223372036854775, 1, 'y', 1073741824)");
    SourceConfig config =
        Configs.source(postgres.config(), "shaped", "id")
            .time("at")
            .unit(SourceConfig.TimeUnit.MS)
            .columns(
                Map.of(
                    "n",
                    new Column(Optional.of("count"), "1", Optional.of(Type.LONG), Optional.of("q")),
                    "t",
                    new Column(Optional.empty(), "", Optional.of(Type.TEXT), Optional.empty())))
            .build();
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    try (Reading reading = new Reading(config, context).all()) {
      assertThat(reading.rows).hasSize(1);
      assertThat(reading.rows.getFirst())
          .containsEntry("time", 1_000_000_000L)
          .containsEntry("count", 9007199254740993L)
          .containsEntry("t#status", Quality.BAD_OUT_OF_RANGE);
    }
    assertThat(context.rejects()).hasSize(1);
  }

  @Test
  void verifyReadsTheFirstRow(Postgres postgres) throws Exception {
    postgres.run(
        "CREATE TABLE seen (id int PRIMARY KEY, at timestamptz, v int); INSERT INTO seen VALUES"
            + " (1, now(), 1)");
    CollectedVerification verification = new CollectedVerification();
    new JdbcSource()
        .verify(Configs.source(postgres.config(), "seen", "id").time("at").build(), verification);
    assertThat(verification.results()).hasSize(3).allMatch(line -> line.endsWith(": ok"));
    CollectedVerification wrong = new CollectedVerification();
    new JdbcSource()
        .verify(Configs.source(postgres.config(), "seen", "id").time("when").build(), wrong);
    assertThat(wrong.results().get(1))
        .contains("time.column: expected a column of table seen, got 'when'");
  }
}
