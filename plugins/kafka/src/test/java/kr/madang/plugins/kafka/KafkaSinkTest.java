package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
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
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(SharedBroker.class)
class KafkaSinkTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final KafkaSink factory = new KafkaSink();

  @Test
  void aSampleIsAJsonObjectWithItsNameInTheHeaders(KafkaBroker broker) throws Exception {
    broker.topic("json", 3);
    FakeSinkContext context = context();
    try (Sink sink =
            factory.open(Configs.sink(broker.direct(), "json").build(), Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(Batches.TIME + 7);
      writer.put("a", 1.5, Quality.GOOD, Batches.TIME);
      writer.put("a", Double.NaN, Quality.BAD_SENSOR_FAILURE, -1);
      writer.putLong(writer.tag("a"), Long.MIN_VALUE, Quality.UNCERTAIN, SampleWriter.NO_TIME);
      writer.putText(writer.tag("a"), "마당 \"\\\n", 0, Batches.TIME);
      writer.putBytes(writer.tag("a"), new byte[] {0, -1}, 0, Batches.TIME);
      writer.bad("a", Quality.BAD_NO_COMMUNICATION);
      writer.put("a", -0.0, 0, Batches.TIME);
      writer.put("a", 1e300, 0, Batches.TIME);
      try (Batch batch = Batches.stamped(writer.take(), "default/p/s", 3, 40)) {
        sink.write(batch);
      }
    }
    List<ConsumerRecord<byte[], byte[]>> records = broker.all("json");
    String received = "\"receiveTime\":\"2026-01-01T00:00:00.123456796Z\"";
    assertThat(records.stream().map(r -> text(r.value())))
        .containsExactly(
            "{\"tag\":\"a\",\"value\":1.5,\"status\":0,\"sourceTime\":"
                + "\"2026-01-01T00:00:00.123456789Z\","
                + received
                + "}",
            "{\"tag\":\"a\",\"value\":null,\"status\":2156658688,\"sourceTime\":"
                + "\"1969-12-31T23:59:59.999999999Z\","
                + received
                + "}",
            "{\"tag\":\"a\",\"value\":-9223372036854775808,\"status\":1073741824," + received + "}",
            "{\"tag\":\"a\",\"value\":\"마당 \\\"\\\\\\u000a\",\"status\":0,\"sourceTime\":"
                + "\"2026-01-01T00:00:00.123456789Z\","
                + received
                + "}",
            "{\"tag\":\"a\",\"value\":null,\"status\":0,\"sourceTime\":"
                + "\"2026-01-01T00:00:00.123456789Z\","
                + received
                + ",\"bytes\":\"AP8=\"}",
            "{\"tag\":\"a\",\"value\":null,\"status\":2150694912," + received + "}",
            "{\"tag\":\"a\",\"value\":-0.0,\"status\":0,\"sourceTime\":"
                + "\"2026-01-01T00:00:00.123456789Z\","
                + received
                + "}",
            "{\"tag\":\"a\",\"value\":1.0E300,\"status\":0,\"sourceTime\":"
                + "\"2026-01-01T00:00:00.123456789Z\","
                + received
                + "}");
    assertThat(records).allSatisfy(record -> assertThat(text(record.key())).isEqualTo("a"));
    assertThat(headers(records.get(2)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "madang-workspace", "default",
                "madang-stream", "default/p/s",
                "madang-epoch", "3",
                "madang-sequence", "42"));
    assertThat(context.rejects()).isEmpty();
  }

  /** Each record that is sent to a topic that is gone waits for the time-out by itself. */
  @Test
  @Timeout(60)
  void aBatchForATopicThatIsGoneWaitsOnceAndNotForEachRow(KafkaBroker broker) throws Exception {
    broker.topic("gone", 1);
    var context =
        new FakeSinkContext(
            arrow.get(), InstantSource.system(), Duration.ofSeconds(2), new ArrayList<>());
    try (Sink sink =
            factory.open(Configs.sink(broker.direct(), "gone").build(), Samples.SCHEMA, context);
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 100)) {
      sink.write(batch);
      broker.delete("gone");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> sink.write(batch)).isInstanceOf(PluginException.class);
      }
    }
  }

  @Test
  void rowsOfATransactionalSinkAreThereOnceAcrossItsLives(KafkaBroker broker) throws Exception {
    broker.topic("once", 3);
    SinkConfig config = Configs.sink(broker.direct(), "once").transactional().build();
    for (int life = 0; life < 3; life++) {
      try (Sink sink = factory.open(config, Samples.SCHEMA, context());
          Batch first = Batches.numbers(arrow.get(), "s", 1, 0, 100);
          Batch second = Batches.numbers(arrow.get(), "s", 1, 100, 100);
          Batch other = Batches.numbers(arrow.get(), "t", 1, 0, 10);
          Batch later = Batches.numbers(arrow.get(), "s", 2, 0, 10)) {
        if (life == 0) {
          sink.write(first);
        }
        for (Batch batch : List.of(first, second, other, later, second)) {
          sink.write(batch);
        }
      }
    }
    Map<String, Integer> seen = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : broker.all("once")) {
      seen.merge(headers(record).toString(), 1, Integer::sum);
    }
    assertThat(seen.size()).isEqualTo(220);
    assertThat(seen.values()).allMatch(count -> count == 1);
  }

  @Test
  void aZombieIsFenced(KafkaBroker broker) throws Exception {
    broker.topic("zombie", 1);
    SinkConfig config = Configs.sink(broker.direct(), "zombie").transactional().build();
    try (Sink old = factory.open(config, Samples.SCHEMA, context());
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 5);
        Batch next = Batches.numbers(arrow.get(), "s", 1, 5, 5)) {
      old.write(batch);
      try (Sink young = factory.open(config, Samples.SCHEMA, context())) {
        young.write(next);
        assertThatThrownBy(() -> old.write(next))
            .isInstanceOfSatisfying(
                PluginException.class, e -> assertThat(e.code()).isEqualTo(Failures.FENCED));
      }
    }
    assertThat(broker.all("zombie").size()).isEqualTo(10);
  }

  @Test
  void aRecordThatIsTooLongIsRejectedAloneHereAndAtTheBroker(KafkaBroker broker) throws Exception {
    broker.topic("long", 1, Map.of("max.message.bytes", "20000"));
    for (boolean transactional : new boolean[] {false, true}) {
      Configs.Sink config = Configs.sink(broker.direct(), "long").maxRecord(100_000);
      FakeSinkContext context = context();
      try (Sink sink =
              factory.open(
                  (transactional ? config.transactional() : config).build(),
                  Samples.SCHEMA,
                  context);
          SampleWriter writer = new SampleWriter(arrow.get())) {
        for (int i = 0; i < 10; i++) {
          writer.putText(
              writer.tag("a"), "x".repeat(i == 3 ? 50_000 : i == 6 ? 200_000 : 10), 0, i);
        }
        try (Batch batch = Batches.stamped(writer.take(), "s" + transactional, 1, 0)) {
          sink.write(batch);
        }
      }
      assertThat(context.rejects()).hasSize(2);
      assertThat(context.rejects().getFirst()).startsWith("{3}").contains("the broker takes");
      assertThat(context.rejects().getLast()).startsWith("{6}").contains("maxRecord: expected");
    }
    assertThat(broker.all("long").size()).isEqualTo(16);
  }

  @Test
  void framesAndWindowsBecomeObjects(KafkaBroker broker) throws Exception {
    broker.topic("frames", 1);
    Schema schema =
        Frames.schema(
            List.of(
                Frames.field("flow", Frames.DOUBLE, "m3/h", ""),
                Frames.field("n", new ArrowType.Int(64, true), "", ""),
                Frames.field("note", ArrowType.Utf8.INSTANCE, "", "")));
    SinkConfig config = Configs.sink(broker.direct(), "frames").key("note").build();
    try (Sink sink = factory.open(config, schema, context());
        FrameWriter writer = new FrameWriter(arrow.get(), schema)) {
      writer.begin(Batches.TIME);
      writer.set(0, 2.5, Quality.GOOD);
      writer.setText(2, "k", 0);
      try (Batch batch = Batches.stamped(writer.take(), "s", 1, 0)) {
        sink.write(batch);
      }
    }
    ConsumerRecord<byte[], byte[]> record = broker.all("frames").getFirst();
    assertThat(text(record.value()))
        .isEqualTo(
            "{\"time\":\"2026-01-01T00:00:00.123456789Z\",\"flow\":2.5,\"flow#status\":0,\"n\":null,"
                + "\"n#status\":2157641728,\"note\":\"k\",\"note#status\":0}");
    assertThat(text(record.key())).isEqualTo("k");
  }

  @Test
  void whatIsWrittenAsArrowOrJsonIsReadBackToTheLastBit(KafkaBroker broker) throws Exception {
    for (boolean columnar : new boolean[] {false, true}) {
      String topic = "round-" + columnar;
      broker.topic(topic, 2);
      Configs.Sink config = Configs.sink(broker.direct(), topic).maxRecord(20_000);
      try (Sink sink =
              factory.open(
                  (columnar ? config.arrow() : config).build(), Samples.SCHEMA, context());
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 3000);
          SampleWriter writer = new SampleWriter(arrow.get())) {
        sink.write(batch);
        writer.put("b", 0.1, Quality.BAD_DEVICE_FAILURE, Batches.TIME);
        writer.putLong(writer.tag("b"), Long.MAX_VALUE, 0, SampleWriter.NO_TIME);
        try (Batch last = Batches.stamped(writer.take(), "s", 1, 3000)) {
          sink.write(last);
        }
      }
      Configs.Source source = Configs.source(broker.direct(), topic);
      try (Reading reading =
          new Reading(
              (columnar ? source.arrow() : source).build(), new FakeSourceContext(arrow.get()))) {
        reading.until(3002);
        assertThat(reading.rows.size()).isEqualTo(3002);
        assertThat(reading.rows)
            .anySatisfy(row ->
                assertThat(row)
                    .containsEntry("value", 0.1)
                    .containsEntry("status", Quality.BAD_DEVICE_FAILURE)
                    .containsEntry("sourceTime", Batches.TIME))
            .anySatisfy(row ->
                assertThat(row).containsEntry("long", Long.MAX_VALUE).containsEntry("tag", "b"))
            .anySatisfy(row ->
                assertThat(row)
                    .containsEntry("value", 2999.0)
                    .containsEntry("sourceTime", Batches.TIME + 2999));
      }
    }
  }

  @Test
  void aMissingTopicIsSaidBeforeTheFirstRow(KafkaBroker broker) {
    assertThatThrownBy(() ->
            factory.open(
                Configs.sink(broker.direct(), "absent").build(), Samples.SCHEMA, context()))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("topic absent does not exist");
    CollectedVerification verification = new CollectedVerification();
    new KafkaSource().verify(Configs.source(broker.direct(), "absent").build(), verification);
    assertThat(verification.results().getFirst()).endsWith(": ok");
    assertThat(verification.results().getLast()).contains("topic absent does not exist");
  }

  @Test
  void kcatReadsWhatWasWrittenAndWeReadWhatItWrites(KafkaBroker broker) throws Exception {
    Path kcat = Path.of("/usr/bin/kcat");
    Assumptions.assumeThat(Files.isExecutable(kcat)).as("kcat is installed").isTrue();
    broker.topic("foreign", 2);
    try (Sink sink =
            factory.open(
                Configs.sink(broker.direct(), "foreign").transactional().build(),
                Samples.SCHEMA,
                context());
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 500)) {
      sink.write(batch);
    }
    Process reader =
        new ProcessBuilder(
                kcat.toString(),
                "-b",
                broker.direct(),
                "-C",
                "-t",
                "foreign",
                "-e",
                "-q",
                "-X",
                "isolation.level=read_committed",
                "-f",
                "%k %h %s\\n")
            .redirectErrorStream(true)
            .start();
    List<String> lines =
        new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(lines.size()).isEqualTo(500);
    assertThat(lines.get(499))
        .startsWith(
            "a madang-workspace=default,madang-stream=s,madang-epoch=1,madang-sequence=499 "
                + "{\"tag\":\"a\",\"value\":499,");
    broker.topic("theirs", 1);
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      Process writer =
          new ProcessBuilder(
                  kcat.toString(),
                  "-b",
                  broker.direct(),
                  "-P",
                  "-t",
                  "theirs",
                  "-X",
                  "compression.codec=" + codec)
              .redirectErrorStream(true)
              .start();
      try (var out = writer.outputWriter()) {
        for (int i = 0; i < 100; i++) {
          out.write("{\"tag\":\"" + codec + "\",\"value\":" + i + "}\n");
        }
      }
      assertThat(writer.waitFor()).isZero();
    }
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    try (Reading reading =
        new Reading(Configs.source(broker.direct(), "theirs").build(), context)) {
      reading.until(500);
      assertThat(reading.column("tag")).contains("none", "gzip", "snappy", "lz4", "zstd");
    }
    assertThat(context.rejects()).isEmpty();
  }

  static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record.headers().forEach(header -> headers.put(header.key(), text(header.value())));
    return headers;
  }

  static String text(byte[] bytes) {
    return Optional.ofNullable(bytes).map(b -> new String(b, StandardCharsets.UTF_8)).orElse("");
  }

  private FakeSinkContext context() {
    // The broker deletes records that say they are old.
    return new FakeSinkContext(
        arrow.get(), InstantSource.system(), Duration.ofSeconds(30), new ArrayList<>());
  }
}
