package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import kr.madang.plugins.kafka.SourceConfig.SampleShape;
import kr.madang.plugins.kafka.SourceConfig.Type;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;

@ExtendWith(SharedBroker.class)
class KafkaSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void poisonIsRejectedWithItsPlaceAndTheRestIsRead(KafkaBroker broker) throws Exception {
    broker.topic("poison", 1);
    broker.put(
        json("poison", "{\"tag\":\"a\",\"value\":1}"),
        json("poison", "{\"tag\":\"a\",\"value\":"),
        json("poison", "not json"),
        json("poison", "{\"tag\":7,\"value\":1}"),
        new ProducerRecord<>("poison", null, null),
        json("poison", "[".repeat(1000)),
        json("poison", "{\"tag\":\"a\",\"value\":1} {}"),
        json("poison", "{\"value\":1,\"tag\":\"" + "x".repeat(300) + "\"}"),
        json("poison", "{\"tag\":\"a\",\"value\":\"" + "x".repeat(20_000) + "\"}"),
        json(
            "poison",
            "{\"tag\":\"a\",\"value\":9007199254740993,\"sourceTime\":\"1601-01-01T00:00:00Z\"}"),
        json("poison", "{\"tag\":\"a\",\"value\":null,\"status\":2156658688}"),
        json("poison", "{\"tag\":\"a\",\"value\":{\"x\":1},\"status\":\"Good\"}"),
        json("poison", "{\"tag\":\"a\",\"value\":1e999}"),
        json("poison", "{\"tag\":\"b\",\"value\":true,\"sourceTime\":1767225600123}"));
    FakeSourceContext context = context(Optional.empty());
    try (Reading reading =
        new Reading(
            Configs.source(broker.direct(), "poison").maxPayload(10_000).build(), context)) {
      reading.until(6);
      assertThat(reading.column("value")).containsExactly(1.0, null, null, null, null, 1.0);
      assertThat(reading.column("long"))
          .containsExactly(null, 9007199254740993L, null, null, null, null);
      assertThat(reading.column("status"))
          .containsExactly(
              Quality.GOOD,
              Quality.UNCERTAIN,
              Quality.BAD_SENSOR_FAILURE,
              Quality.BAD_TYPE_MISMATCH,
              Quality.BAD_OUT_OF_RANGE,
              Quality.GOOD);
      assertThat(reading.column("sourceTime").getLast()).isEqualTo(1_767_225_600_123_000_000L);
    }
    assertThat(context.rejects().size()).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      assertThat(context.rejects().get(i))
          .contains("topic poison, partition 0, offset " + (i + 1) + ": ")
          .contains("expected")
          .doesNotContain("Exception");
    }
  }

  @Test
  void arrowThatLiesIsRejected(KafkaBroker broker) throws Exception {
    broker.topic("liar", 1);
    byte[] good;
    try (var batch = Batches.numbers(arrow.get(), "s", 1, 0, 20)) {
      List<byte[]> made = new ArrayList<>();
      new ArrowEncoder(1 << 20).encode(batch, 0, (_, value, _, _) -> made.add(value));
      good = made.getFirst();
    }
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    java.util.Random random = new java.util.Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      for (int flips = 0; flips < 4; flips++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      records.add(new ProducerRecord<>("liar", i % 7 == 0 ? java.util.Arrays.copyOf(bad, i) : bad));
    }
    records.add(new ProducerRecord<>("liar", good));
    @SuppressWarnings({"unchecked", "rawtypes"})
    ProducerRecord<byte[], byte[]>[] all = records.toArray(new ProducerRecord[0]);
    broker.put(all);
    FakeSourceContext context = context(Optional.empty());
    try (Reading reading =
        new Reading(Configs.source(broker.direct(), "liar").arrow().build(), context)) {
      Await.until(
          "all were read",
          () -> {
            reading.poll();
            return Objects.equals(
                reading.position, Offsets.position(Map.of(new TopicPartition("liar", 0), 301L)));
          });
      assertThat(reading.rows.subList(reading.rows.size() - 20, reading.rows.size()))
          .extracting(row -> row.get("value"))
          .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> (double) i).toList());
    }
    assertThat(context.rejects()).isNotEmpty();
  }

  @Test
  void framesListsAndSeveralValuesAreFoundByPointers(KafkaBroker broker) throws Exception {
    broker.topic("shapes", 1);
    broker.put(
        json(
            "shapes",
            "{\"time\":\"2026-01-01T09:00:00+09:00\",\"flow\":1.5,\"flow#status\":0,\"n\":3}"));
    SourceConfig frames =
        Configs.source(broker.direct(), "shapes")
            .field("flow", Type.DOUBLE)
            .field("n", Type.LONG)
            .field("note", Type.TEXT)
            .build();
    try (Reading reading = new Reading(frames, context(Optional.empty())).until(1)) {
      assertThat(reading.rows.getFirst())
          .containsEntry("time", 1_767_225_600_000_000_000L)
          .containsEntry("flow", 1.5)
          .containsEntry("n", 3L)
          .containsEntry("note#status", Quality.BAD_NO_DATA);
    }
    broker.topic("lists", 1);
    broker.put(
        json("lists", "{\"d\":{\"s\":[{\"t\":1,\"x\":{\"y\":[5,6]}},{\"x\":{\"y\":[7]}}]}}"));
    SourceConfig lists =
        Configs.source(broker.direct(), "lists")
            .samples(
                new SampleShape(
                    "/tag",
                    "/value",
                    Map.of("p", "/x/y/0", "q", "/x/y/1"),
                    "/status",
                    Optional.of("/d/s")))
            .time("record")
            .build();
    try (Reading reading = new Reading(lists, context(Optional.empty())).until(4)) {
      assertThat(reading.rows)
          .extracting(row -> row.get("tag") + "=" + row.get("value"))
          .containsExactlyInAnyOrder("p=5.0", "q=6.0", "p=7.0", "q=null");
      assertThat(reading.column("sourceTime")).doesNotContainNull();
    }
  }

  @Test
  void theHostsPositionCountsMoreThanTheGroupsOffsets(KafkaBroker broker) throws Exception {
    broker.topic("resume", 3);
    for (int i = 0; i < 60; i++) {
      broker.put(new ProducerRecord<>("resume", i % 3, null, bytes(i)));
    }
    SourceConfig config = Configs.source(broker.direct(), "resume").batch(7).build();
    Position middle;
    int read;
    try (Reading reading = new Reading(config, context(Optional.empty()))) {
      reading.until(20);
      middle = Objects.requireNonNull(reading.position);
      read = reading.rows.size();
      reading.until(60);
      reading.acknowledge();
    }
    try (Reading reading = new Reading(config, context(Optional.of(middle)))) {
      reading.until(60 - read);
      assertThat(reading.rows.size()).isEqualTo(60 - read);
      reading.acknowledge();
    }
    broker.put(json("resume", "{\"tag\":\"a\",\"value\":99}"));
    try (Reading reading = new Reading(config, context(Optional.empty()))) {
      reading.until(1); // Without a position the group's offsets count.
      assertThat(reading.column("value")).containsExactly(99.0);
    }
  }

  @Test
  void membersOfAGroupShareTheWorkAndLoseNothingWhenOneLeaves(KafkaBroker broker) throws Exception {
    broker.topic("group", 4);
    SourceConfig config = Configs.source(broker.direct(), "group").build();
    Set<Object> seen = new HashSet<>();
    Reading first = new Reading(config, context(Optional.empty()));
    try (Reading second = new Reading(config, context(Optional.empty()))) {
      for (int i = 0; i < 40; i++) {
        broker.put(new ProducerRecord<>("group", i % 4, null, bytes(i)));
      }
      Await.until(
          "both together have read all",
          Duration.ofSeconds(60),
          () -> {
            first.poll();
            second.poll();
            first.acknowledge();
            second.acknowledge();
            seen.addAll(first.column("value"));
            seen.addAll(second.column("value"));
            return seen.size() == 40;
          });
      first.close();
      for (int i = 40; i < 80; i++) {
        broker.put(new ProducerRecord<>("group", i % 4, null, bytes(i)));
      }
      Await.until(
          "the one that stays has read the rest",
          Duration.ofSeconds(60),
          () -> {
            second.poll();
            seen.addAll(second.column("value"));
            return seen.size() == 80;
          });
    }
  }

  @Test
  void recordsThatWereDeletedAreReportedOrEndTheSource(KafkaBroker broker) throws Exception {
    broker.topic("gap", 1);
    for (int i = 0; i < 20; i++) {
      broker.put(json("gap", "{\"tag\":\"a\",\"value\":" + i + "}"));
    }
    TopicPartition partition = new TopicPartition("gap", 0);
    try (Admin admin = broker.admin()) {
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(15))).all().get();
    }
    Position old = Offsets.position(Map.of(partition, 5L));
    FakeSourceContext context = context(Optional.of(old));
    try (Reading reading = new Reading(Configs.source(broker.direct(), "gap").build(), context)) {
      reading.until(5);
      assertThat(reading.column("value")).containsExactly(15.0, 16.0, 17.0, 18.0, 19.0);
    }
    assertThat(context.rejects())
        .containsExactly(
            "offsets 5 to 14 → topic gap, partition 0: expected offset 5, got a log from 15 to 20:"
                + " 10 records were deleted before they were read");
    try (Reading reading =
        new Reading(
            Configs.source(broker.direct(), "gap").stopOnGap().group("stops").build(),
            context(Optional.of(old)))) {
      assertThatThrownBy(() -> reading.until(1))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(Failures.DATA_LOST))
          .hasMessageContaining("10 records were deleted");
    }
  }

  @Test
  void readingBeginsWhereItIsTold(KafkaBroker broker) throws Exception {
    broker.topic("begin", 1);
    long now = System.currentTimeMillis();
    for (int i = 0; i < 10; i++) {
      broker.put(
          new ProducerRecord<>(
              "begin",
              null,
              now + i,
              null,
              ("{\"tag\":\"a\",\"value\":" + i + "}").getBytes(StandardCharsets.UTF_8)));
    }
    SourceConfig from =
        Configs.source(broker.direct(), "begin")
            .group("begin-time")
            .from(java.time.Instant.ofEpochMilli(now + 7).toString())
            .build();
    try (Reading reading = new Reading(from, context(Optional.empty())).until(3)) {
      assertThat(reading.column("value")).containsExactly(7.0, 8.0, 9.0);
    }
  }

  private static byte[] bytes(int value) {
    return ("{\"tag\":\"a\",\"value\":" + value + "}").getBytes(StandardCharsets.UTF_8);
  }

  private static ProducerRecord<byte[], byte[]> json(String topic, String text) {
    return new ProducerRecord<>(topic, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void recordsBehindATransactionThatNobodyEndsAreNotTakenForSilence(KafkaBroker broker)
      throws Exception {
    broker.topic("held", 1);
    List<String> warnings = new ArrayList<>();
    SourceContext context =
        listening(
            new FakeSourceContext(
                arrow.get(),
                new ManualClock(),
                Optional.empty(),
                Duration.ofMillis(500),
                new ArrayList<>()),
            warnings);
    try (KafkaProducer<byte[], byte[]> producer =
            Clients.producer(
                new HashMap<>(
                    Map.of("bootstrap.servers", broker.direct(), "transactional.id", "held")));
        Reading reading = new Reading(Configs.source(broker.direct(), "held").build(), context)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(json("held", "{\"tag\":\"a\",\"value\":1}"));
      producer.flush();
      Await.until(
          "it is told",
          Duration.ofSeconds(60),
          () -> {
            try {
              reading.poll();
            } catch (PluginException e) {
              // half a second is little for a broker at its start
              assertThat(e.code().retriable()).isTrue();
            }
            return !warnings.isEmpty();
          });
      assertThat(warnings.getFirst()).contains("held-0, 1, 6]", "transaction");
      assertThat(reading.rows).isEmpty();
      producer.commitTransaction();
      reading.until(1);
    }
  }

  /** The same context with somebody who reads its log. */
  private static SourceContext listening(SourceContext context, List<String> warnings) {
    ClassLoader loader = KafkaSourceTest.class.getClassLoader();
    Object logger =
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {Logger.class},
            (_, method, given) -> {
              if (method.getName().equals("warn") && given.length == 2) {
                warnings.add(Arrays.deepToString(given));
              }
              return null;
            });
    return (SourceContext)
        Proxy.newProxyInstance(
            loader,
            new Class<?>[] {SourceContext.class},
            (_, method, given) ->
                method.getName().equals("logger") ? logger : method.invoke(context, given));
  }

  private FakeSourceContext context(Optional<Position> position) {
    return new FakeSourceContext(
        arrow.get(), new ManualClock(), position, Duration.ofSeconds(10), new ArrayList<>());
  }
}
