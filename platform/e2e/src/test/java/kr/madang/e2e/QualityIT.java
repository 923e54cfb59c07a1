package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Status and source time of OPC UA in a Parquet file, a Kafka record and a PostgreSQL row. */
class QualityIT {
  private static final String NAME = "quality";
  private static final long OUT_OF_RANGE = 0x803C0000L;

  /** What tags have before the first sample that the test says. */
  private static final List<Long> BEFORE = List.of(0x80320000L, 0x80310000L);

  /** By each bit that matters: severity, code, info type, limits, overflow. */
  private static final List<Long> STATUSES =
      List.of(
          0L,
          0x00000480L, // Good, the queue of the server overflowed
          0x00000400L,
          0x00000703L,
          0x00960000L, // Good_LocalOverride
          0x00A70000L,
          0x40000000L,
          0x40900000L, // Uncertain_LastUsableValue
          0x40940480L,
          0x40BC0000L,
          0x80000000L,
          0x808C0000L, // Bad_SensorFailure
          0x808C0480L,
          0x808B0000L,
          0x80890000L,
          0x80AE0000L);

  @TempDir Path folder;

  /**
   * One sample, told or found.
   *
   * @param value null where it is missing
   * @param status OPC UA, unsigned
   * @param nanos of the source since 1970
   */
  private record Sample(Double value, long status, Long nanos) {}

  @Test
  void statusAndSourceTimeAreUnchangedInEachSinkAndBadIsNeverGood() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path home = Madang.home(folder.resolve("home"), folder);
    secret(home, "pg", "postgres");
    CompletableFuture<KafkaBroker> starting =
        CompletableFuture.supplyAsync(() -> begin(() -> new KafkaBroker(folder.resolve("kafka"))));
    try (AutoCloseable _ = () -> starting.get(120, TimeUnit.SECONDS).close();
        EmbeddedPostgres postgres = postgres();
        UaDevice device = new UaDevice("x");
        KafkaBroker kafka = starting.get(120, TimeUnit.SECONDS);
        Madang madang = Madang.serve(home, temp)) {
      kafka.topic(NAME);
      madang.create(document(device, kafka, postgres));
      madang.until(NAME, "it is monitored", () -> device.monitored("x"));
      List<Sample> expected = tell(device);
      Map<String, Callable<List<Sample>>> sinks = new TreeMap<>();
      sinks.put("parquet", this::parquet);
      sinks.put("kafka", () -> kafka(kafka));
      sinks.put("postgresql", () -> postgresql(postgres));
      for (var sink : sinks.entrySet()) {
        madang.until(
            NAME,
            "all samples are in " + sink.getKey(),
            () -> sink.getValue().call().size() >= expected.size());
        List<Sample> found = sink.getValue().call();
        assertThat(found).as(sink.getKey()).containsExactlyElementsOf(expected);
        Harness.print("%s has %d samples as they were told", sink.getKey(), found.size());
      }
      columns(postgres);
      JsonNode ledger = madang.ledger(NAME);
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      assertThat(ledger.at("/rejected").asLong()).as(ledger.toString()).isZero();
      assertThat(madang.stop()).isZero();
    }
  }

  /** Says each status twice, and a Good value that is no number; answers what is to be found. */
  private static List<Sample> tell(UaDevice device) {
    List<Sample> told = new ArrayList<>();
    long nanos = Nanos.of(Instant.parse("2026-01-02T03:04:05.1234567Z"));
    for (int i = 0; i < 2 * STATUSES.size(); i++) {
      long status = STATUSES.get(i % STATUSES.size());
      double value = i + 0.5;
      device.set("x", value, status, nanos);
      told.add(new Sample(isBad(status) ? null : value, status, nanos));
      nanos += 1_000_000_100L;
    }
    device.set("x", Double.NaN, 0, nanos);
    told.add(new Sample(null, OUT_OF_RANGE, nanos));
    return told;
  }

  private static boolean isBad(long status) {
    return status >>> 31 == 1;
  }

  private String document(UaDevice device, KafkaBroker kafka, EmbeddedPostgres postgres) {
    return """
    pipeline: quality
    durability: journal
    limits: { timeout: 10s }
    source:
      use: opcua
      config:
        endpoint: %s
        policy: none
        publishingInterval: 50ms
        samplingInterval: 0ms
        queueSize: 1000
        tags: [ { tag: x, node: "nsu=urn:plant;s=x" } ]
    sinks:
      - name: parquet
        use: files
        config: { path: %s, format: parquet, rotate: 1s, compression: none }
      - name: kafka
        use: kafka
        config: { cluster: { servers: ["%s"] }, topic: quality }
      - name: postgresql
        use: jdbc
        config:
          server:
            kind: postgresql
            host: 127.0.0.1
            port: %d
            database: postgres
            user: postgres
            password: ${secret:pg}
          table: quality
          create: true
    """
        .formatted(
            device.endpoint(), folder.resolve("parquet"), kafka.servers(), postgres.getPort());
  }

  private List<Sample> parquet() throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (Written.Part part : Written.in(folder.resolve("parquet")).parts()) {
      assertThat(ParquetRows.schema(part.file()).toString())
          .contains("sourceTime (TIMESTAMP(NANOS,true))");
      for (Map<String, Object> row : ParquetRows.read(part.file())) {
        assertThat(row).containsEntry("tag", "x");
        add(
            samples,
            (Double) row.get("value"),
            Integer.toUnsignedLong((Integer) row.get("status")),
            (Long) row.get("sourceTime"));
      }
    }
    return samples;
  }

  private static List<Sample> kafka(KafkaBroker kafka) throws Exception {
    List<Sample> samples = new ArrayList<>();
    for (byte[] record : kafka.values(NAME)) {
      JsonNode row = Madang.JSON.readTree(record);
      assertThat(row.at("/tag").asText()).isEqualTo("x");
      assertThat(row.at("/status").isIntegralNumber()).as(row.toString()).isTrue();
      add(
          samples,
          row.at("/value").isNumber() ? row.at("/value").asDouble() : null,
          row.at("/status").asLong(),
          row.at("/sourceTime").isTextual()
              ? Nanos.of(Instant.parse(row.at("/sourceTime").asText()))
              : null);
    }
    return samples;
  }

  private static List<Sample> postgresql(EmbeddedPostgres postgres) throws Exception {
    List<Sample> samples = new ArrayList<>();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT value, status, source_time_ns, source_time FROM quality"
                    + " WHERE tag = 'x' ORDER BY epoch, sequence")) {
      while (rows.next()) {
        Long nanos = rows.getObject(3, Long.class);
        if (nanos != null) {
          Instant time = rows.getObject(4, OffsetDateTime.class).toInstant();
          assertThat(nanos - Nanos.of(time)).as("ns beyond timestamptz").isBetween(-999L, 999L);
        }
        add(samples, rows.getObject(1, Double.class), rows.getLong(2), nanos);
      }
    }
    return samples;
  }

  private static void add(List<Sample> samples, Double value, long status, Long nanos) {
    if (!BEFORE.contains(status)) {
      samples.add(new Sample(value, status, nanos));
    }
  }

  private static void columns(EmbeddedPostgres postgres) throws Exception {
    Map<String, String> types = new TreeMap<>();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT column_name, data_type FROM information_schema.columns"
                    + " WHERE table_name = 'quality'")) {
      while (rows.next()) {
        types.put(rows.getString(1), rows.getString(2));
      }
    }
    assertThat(types)
        .containsEntry("status", "bigint")
        .containsEntry("source_time_ns", "bigint")
        .containsEntry("receive_time_ns", "bigint")
        .containsEntry("source_time", "timestamp with time zone")
        .containsEntry("receive_time", "timestamp with time zone");
  }

  private EmbeddedPostgres postgres() throws Exception {
    Path work = Files.createDirectory(folder.resolve("postgres"));
    return EmbeddedPostgres.builder()
        .setPGStartupWait(Duration.ofSeconds(60))
        .setOverrideWorkingDirectory(work.toFile())
        .setDataDirectory(work.resolve("data"))
        .setRegisterShutdownHook(false)
        .start();
  }

  private static void secret(Path home, String name, String value) throws Exception {
    Path secrets = Files.createDirectories(home.resolve("secrets"));
    Path file = Files.writeString(secrets.resolve(name), value);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static <T> T begin(Callable<T> starter) {
    try {
      return starter.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
