package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(SharedPostgres.class)
class PostgresSinkTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final JdbcSink factory = new JdbcSink();

  @Test
  void statusAndTimesOfSamplesArriveToTheLastBit(Postgres postgres) throws Exception {
    SinkConfig config = Configs.sink(postgres.config(), "exact");
    FakeSinkContext context = context();
    try (Sink sink = factory.open(config, Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(Batches.TIME + 7);
      writer.put("a", 1.5, Quality.GOOD, Batches.TIME);
      writer.put("a", Double.NaN, Quality.BAD_SENSOR_FAILURE, Batches.TIME + 1);
      writer.putLong(writer.tag("b"), Long.MAX_VALUE, Quality.UNCERTAIN, SampleWriter.NO_TIME);
      writer.putText(writer.tag("c"), "마당 \"'\\\n", 0, Batches.TIME);
      writer.putBytes(writer.tag("d"), new byte[] {0, -1}, 0, -1_500);
      writer.bad("e", Quality.BAD_NO_COMMUNICATION);
      try (Batch batch = Batches.stamped(writer.take(), "default/p/s", 3, 40)) {
        sink.write(batch);
      }
    }
    assertThat(context.rejects()).isEmpty();
    assertThat(
            postgres.ask(
                """
                SELECT concat_ws('|', stream, epoch, sequence, tag, coalesce(value::text, '-'),
                  coalesce("long"::text, '-'), coalesce("text", '-'),
                  coalesce(encode("bytes", 'hex'), '-'), status, coalesce(source_time_ns::text, '-'),
                  coalesce(to_char(source_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '-'),
                  receive_time_ns)
                FROM exact ORDER BY sequence\
                """))
        .containsExactly(
            "default/p/s|3|40|a|1.5|-|-|-|0|1767225600123456789|2026-01-01 00:00:00.123456"
                + "|1767225600123456796",
            "default/p/s|3|41|a|NaN|-|-|-|2156658688|1767225600123456790"
                + "|2026-01-01 00:00:00.123456|1767225600123456796",
            "default/p/s|3|42|b|-|9223372036854775807|-|-|1073741824|-|-|1767225600123456796",
            "default/p/s|3|43|c|-|-|마당 \"'\\\n|-|0|1767225600123456789"
                + "|2026-01-01 00:00:00.123456|1767225600123456796",
            "default/p/s|3|44|d|-|-|-|00ff|0|-1500|1969-12-31 23:59:59.999998|1767225600123456796",
            "default/p/s|3|45|e|-|-|-|-|2150694912|-|-|1767225600123456796");
  }

  @Test
  void rowsThatAreWrittenAgainAreThereOnce(Postgres postgres) throws Exception {
    SinkConfig config = Configs.sink(postgres.config(), "once");
    for (int life = 0; life < 3; life++) {
      try (Sink sink = factory.open(config, Samples.SCHEMA, context());
          Batch first = Batches.numbers(arrow.get(), "s", 1, 0, 100);
          Batch second = Batches.numbers(arrow.get(), "s", 1, 50, 100);
          Batch other = Batches.numbers(arrow.get(), "t", 1, 0, 10);
          Batch later = Batches.numbers(arrow.get(), "s", 2, 0, 10)) {
        for (Batch batch : List.of(first, second, other, later, first)) {
          sink.write(batch);
        }
      }
    }
    assertThat(
            postgres.ask(
                "SELECT concat(stream, epoch, ':', count(*), ':', sum(sequence)) FROM once"
                    + " GROUP BY stream, epoch ORDER BY 1"))
        .containsExactly("s1:150:11175", "s2:10:45", "t1:10:45");
  }

  @Test
  void framesBecomeColumnsAndNewFieldsBecomeNewColumns(Postgres postgres) throws Exception {
    Schema two =
        Frames.schema(
            List.of(
                Frames.field("flow", Frames.DOUBLE, "m3/h", "pump1/flow"),
                Frames.field("note", ArrowType.Utf8.INSTANCE, "", "")));
    Schema three =
        Frames.schema(
            List.of(
                Frames.field("flow", Frames.DOUBLE, "", ""),
                Frames.field("count", new ArrowType.Int(64, true), "", "")));
    SinkConfig config =
        new SinkConfig(
            postgres.config(), Optional.empty(), "frames", true, Map.of("flow", "Flow \"q\""));
    try (Sink sink = factory.open(config, two, context());
        FrameWriter writer = new FrameWriter(arrow.get(), two)) {
      writer.begin(Batches.TIME);
      writer.set(0, 2.5, Quality.GOOD);
      writer.begin(Batches.TIME + 1);
      writer.setText(1, "x", Quality.UNCERTAIN);
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 0)) {
        sink.write(batch);
      }
    }
    try (Sink sink = factory.open(config, three, context());
        FrameWriter writer = new FrameWriter(arrow.get(), three)) {
      writer.begin(Batches.TIME + 2);
      writer.setLong(1, 7, Quality.GOOD);
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 2)) {
        sink.write(batch);
      }
    }
    assertThat(
            postgres.ask(
                """
                SELECT concat_ws('|', sequence, time_ns, "Flow ""q\"\"\", "Flow ""q""#status", note,
                  "note#status", "count", "count#status") FROM frames ORDER BY sequence\
                """))
        .containsExactly(
            "0|1767225600123456789|2.5|0|2157641728",
            "1|1767225600123456790|2157641728|x|1073741824",
            "2|1767225600123456791|2157641728|7|0");
  }

  @Test
  void rowsThatTheDatabaseRefusesAreRejectedAndTheRestGoesOn(Postgres postgres) throws Exception {
    postgres.run(
        """
        CREATE TABLE strict (stream text, epoch bigint, sequence bigint, tag varchar(3),
          value numeric(5, 2) CHECK (value <> 13), "long" int, "text" text, "bytes" bytea,
          status bigint, source_time timestamptz, source_time_ns bigint, receive_time timestamptz,
          receive_time_ns bigint, UNIQUE (stream, epoch, sequence))\
        """);
    FakeSinkContext context = context();
    SinkConfig config =
        new SinkConfig(postgres.config(), Optional.empty(), "strict", false, Map.of());
    try (Sink sink = factory.open(config, Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      for (int i = 0; i < 20; i++) {
        writer.put("a", i, Quality.GOOD, i);
      }
      writer.put("a", 1e6, Quality.GOOD, 0); // 20: too great
      writer.put("toolong", 1, Quality.GOOD, 0); // 21
      writer.putText(writer.tag("a"), "zero\0byte", 0, 0); // 22
      writer.putLong(writer.tag("a"), 1L << 40, 0, 0); // 23: no int
      writer.put("a", 1, Quality.GOOD, 0); // 24
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 0)) {
        sink.write(batch);
      }
    }
    assertThat(postgres.ask("SELECT count(*) FROM strict")).containsExactly("20");
    assertThat(context.rejects().stream().map(r -> r.substring(0, r.indexOf(' '))))
        .containsExactly("{13}", "{20}", "{21}", "{22}", "{23}");
    assertThat(String.join("\n", context.rejects()))
        .contains(
            "strict_value_check", "numeric field overflow", "too long", "0x00", "out of range")
        .doesNotContain("Exception");
  }

  @Test
  void aTableWithoutTheKeyIsRefusedBeforeTheFirstRow(Postgres postgres) throws Exception {
    postgres.run("CREATE TABLE nokey (stream text, epoch bigint, sequence bigint, x int)");
    SinkConfig wrong = new SinkConfig(postgres.config(), Optional.empty(), "nokey", true, Map.of());
    assertThatThrownBy(() -> factory.open(wrong, Samples.SCHEMA, context()))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining("expected a unique key (stream, epoch, sequence)");
    SinkConfig missing =
        new SinkConfig(postgres.config(), Optional.empty(), "absent", false, Map.of());
    assertThatThrownBy(() -> factory.open(missing, Samples.SCHEMA, context()))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("absent");
  }

  @Test
  void anIdentifierIsNeverMoreThanAName(Postgres postgres) throws Exception {
    postgres.run("CREATE TABLE victim (x int)");
    String evil = "t\"; DROP TABLE victim; --";
    try (Sink sink =
            factory.open(Configs.sink(postgres.config(), evil), Samples.SCHEMA, context());
        Batch batch = Batches.numbers(arrow.get(), "s'; DROP TABLE victim; --", 1, 0, 3)) {
      sink.write(batch);
    }
    assertThat(postgres.ask("SELECT count(*) FROM victim")).containsExactly("0");
    assertThat(postgres.ask("SELECT count(*) FROM \"t\"\"; DROP TABLE victim; --\""))
        .containsExactly("3");
  }

  @Test
  void aLockedTableIsATimeOutThatCanBeTriedAgain(Postgres postgres) throws Exception {
    SinkConfig config = Configs.sink(postgres.config(), "locked");
    FakeSinkContext quick =
        new FakeSinkContext(
            arrow.get(), new ManualClock(), Duration.ofMillis(300), new ArrayList<>());
    try (Sink sink = factory.open(config, Samples.SCHEMA, quick);
        var holder = postgres.connect();
        var statement = holder.createStatement();
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3)) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE locked");
      assertThatThrownBy(() -> sink.write(batch))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
    }
    try (Sink sink = factory.open(config, Samples.SCHEMA, context());
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3)) {
      sink.write(batch);
    }
    assertThat(postgres.ask("SELECT count(*) FROM locked")).containsExactly("3");
  }

  @Test
  void verifyNamesTheStepThatFails(Postgres postgres) throws Exception {
    CollectedVerification good = new CollectedVerification();
    factory.verify(Configs.sink(postgres.config(), "coming"), good);
    assertThat(good.results()).hasSize(2).allMatch(line -> line.endsWith(": ok"));
    postgres.run("CREATE ROLE nobody LOGIN");
    Server server = postgres.config();
    Server other =
        new Server(
            server.kind(),
            server.host(),
            server.port(),
            Optional.of("nowhere"),
            server.user(),
            server.password(),
            server.tls(),
            server.file());
    CollectedVerification bad = new CollectedVerification();
    factory.verify(Configs.sink(other, "coming"), bad);
    assertThat(bad.results().getFirst()).contains("\"nowhere\" does not exist", "server.database");
    assertThat(bad.results().getLast()).endsWith("skipped");
  }

  @Test
  void psqlReadsWhatWasWritten(Postgres postgres) throws Exception {
    Path psql = Path.of("/usr/bin/psql");
    Assumptions.assumeThat(Files.isExecutable(psql)).as("psql is installed").isTrue();
    try (Sink sink =
            factory.open(
                Configs.sink(postgres.config(), "foreign_reader"), Samples.SCHEMA, context());
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 1000)) {
      sink.write(batch);
    }
    Process process =
        new ProcessBuilder(
                psql.toString(),
                "postgresql://postgres@127.0.0.1:" + postgres.port() + "/postgres",
                "-Atc",
                "SELECT count(*), sum(value), min(source_time_ns), max(status) FROM foreign_reader")
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(out.strip()).isEqualTo("1000|499500|1767225600123456789|0");
  }

  private FakeSinkContext context() {
    return new FakeSinkContext(arrow.get(), new ManualClock());
  }
}
