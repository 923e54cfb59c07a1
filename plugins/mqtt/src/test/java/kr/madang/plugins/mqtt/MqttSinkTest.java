package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class MqttSinkTest {
  private static final long TIME = 1_767_225_600_500_000_000L;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private static SinkConfig config(
      int port, Version version, String topic, SinkPayload payload, int qos, boolean retain) {
    return new SinkConfig(
        Configs.broker(port, version, "sink"), topic, payload, qos, retain, 100, Optional.empty());
  }

  private FakeSinkContext context() {
    return new FakeSinkContext(arrow.get(), new ManualClock());
  }

  private Batch samples(int rows) {
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(TIME + 1);
      for (int i = 0; i < rows; i++) {
        writer.put("line/a" + i % 3, i + 0.5, Quality.GOOD, TIME);
      }
      try (Batch batch = writer.take()) {
        return batch.retainAs("default/p/s", 3, 100);
      }
    }
  }

  private static List<String> texts(Publisher publisher) {
    return publisher.heard().stream()
        .map(message ->
            message.topic() + " " + new String(message.payload(), StandardCharsets.UTF_8))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void samplesArriveAsJsonWithStatusTimeAndKey(Version version) throws Exception {
    FakeSinkContext context = context();
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Sink sink =
            new MqttSink()
                .open(
                    config(mosquitto.port(), version, "out/{tag}", SinkPayload.JSON, 1, false),
                    Samples.SCHEMA,
                    context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      publisher.listen("out/#");
      writer.receivedAt(TIME + 1);
      writer.put("a \"b\"", 1.5, Quality.GOOD, TIME);
      writer.bad(writer.tag("bad"), Quality.BAD_SENSOR_FAILURE, SampleWriter.NO_TIME);
      writer.putLong(writer.tag("long"), Long.MAX_VALUE, Quality.UNCERTAIN, TIME);
      writer.putText(writer.tag("wild+"), "x", Quality.GOOD, TIME);
      try (Batch taken = writer.take();
          Batch batch = taken.retainAs("default/p/s", 3, 100)) {
        sink.write(batch);
      }
      Await.until("all came", () -> publisher.heard().size() == 3);
      assertThat(texts(publisher))
          .containsExactly(
              "out/a \"b\" {\"tag\":\"a \\\"b\\\"\",\"value\":1.5,\"quality\":\"Good\",\"status\":0,\"time\":\"2026-01-01T00:00:00.500Z\",\"received\":\"2026-01-01T00:00:00.500000001Z\",\"stream\":\"default/p/s\",\"epoch\":3,\"sequence\":100}",
              "out/bad {\"tag\":\"bad\",\"value\":null,\"quality\":\"Bad_SensorFailure\",\"status\":2156658688,\"received\":\"2026-01-01T00:00:00.500000001Z\",\"stream\":\"default/p/s\",\"epoch\":3,\"sequence\":101}",
              "out/long {\"tag\":\"long\",\"value\":9223372036854775807,\"quality\":\"Uncertain\",\"status\":1073741824,\"time\":\"2026-01-01T00:00:00.500Z\",\"received\":\"2026-01-01T00:00:00.500000001Z\",\"stream\":\"default/p/s\",\"epoch\":3,\"sequence\":102}");
      assertThat(context.rejects())
          .containsExactly("{3} → topic: expected no wildcard in the tag, got 'wild+'");
    }
  }

  @Test
  void framesArriveAsOneMessageOrAsBareValues() throws Exception {
    Schema schema =
        Frames.schema(
            List.of(
                Frames.field("x", Frames.DOUBLE, "", ""),
                Frames.field("t", ArrowType.Utf8.INSTANCE, "", "")));
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        FrameWriter writer = new FrameWriter(arrow.get(), schema)) {
      publisher.listen("#");
      writer.begin(TIME);
      writer.set(0, 2, Quality.GOOD);
      writer.setText(1, "on", Quality.UNCERTAIN);
      writer.begin(TIME + 1_000_000_000);
      try (Batch batch = writer.take()) {
        for (SinkPayload payload : SinkPayload.values()) {
          String topic = payload == SinkPayload.RAW ? "raw/{field}" : "frames";
          try (Sink sink =
              new MqttSink()
                  .open(
                      config(mosquitto.port(), Version.MQTT5, topic, payload, 2, false),
                      schema,
                      context())) {
            sink.write(batch);
          }
        }
      }
      Await.until("all came", () -> publisher.heard().size() == 4);
      assertThat(texts(publisher))
          .containsExactly(
              "frames {\"time\":\"2026-01-01T00:00:00.500Z\",\"fields\":{\"x\":2,\"t\":\"on\"},\"status\":{\"x\":0,\"t\":1073741824},\"stream\":\"\",\"epoch\":0,\"sequence\":0}",
              "frames {\"time\":\"2026-01-01T00:00:01.500Z\",\"fields\":{\"x\":null,\"t\":null},\"status\":{\"x\":2157641728,\"t\":2157641728},\"stream\":\"\",\"epoch\":0,\"sequence\":1}",
              "raw/x 2",
              "raw/t on");
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void manyMessagesAreUnderWayAtOnceAndAllAreThereWhenWriteReturns(Version version)
      throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder, "max_queued_messages 0");
        Publisher publisher = new Publisher(mosquitto.port());
        Sink sink =
            new MqttSink()
                .open(
                    config(mosquitto.port(), version, "out/{tag}", SinkPayload.RAW, 1, true),
                    Samples.SCHEMA,
                    context());
        Batch batch = samples(999)) {
      publisher.listen("out/#");
      sink.write(batch);
      Await.until("all came", () -> publisher.heard().size() == 999);
      assertThat(texts(publisher).getLast()).isEqualTo("out/line/a2 998.5");
      try (Publisher late =
          new Publisher(Configs.broker(mosquitto.port(), Version.MQTT5, "late"))) {
        late.listen("out/#");
        Await.until("the broker kept the last", () -> late.heard().size() == 3);
        assertThat(late.heard()).allMatch(Message::retained);
      }
    }
  }

  @Test
  void aBadValueIsNeverWrittenBare() throws Exception {
    FakeSinkContext context = context();
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Sink sink =
            new MqttSink()
                .open(
                    config(mosquitto.port(), Version.MQTT5, "out/{tag}", SinkPayload.RAW, 1, false),
                    Samples.SCHEMA,
                    context);
        SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.put(writer.tag("a"), 5, Quality.BAD_DEVICE_FAILURE, TIME);
      try (Batch batch = writer.take()) {
        sink.write(batch);
      }
      assertThat(context.rejects())
          .containsExactly(
              "{0} → value: expected one that can be used, since a raw message carries no status, got Bad_DeviceFailure");
    }
  }

  @Test
  void theWillIsSaidWhenTheSinkIsLostAndNotWhenItGoes() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        FaultProxy proxy = FaultProxy.to(mosquitto.port())) {
      publisher.listen("status/#");
      SinkConfig config =
          new SinkConfig(
              Configs.broker(proxy.port(), Version.MQTT5, "sink"),
              "out/{tag}",
              SinkPayload.JSON,
              1,
              false,
              100,
              Optional.of(new Will("status/sink", "offline", 1, true)));
      new MqttSink().open(config, Samples.SCHEMA, context()).close();
      try (Sink sink = new MqttSink().open(config, Samples.SCHEMA, context())) {
        proxy.cut();
        Await.until("the will came", () -> publisher.heard().size() == 1);
        Await.until(
            "the sink knows",
            () -> {
              try {
                sink.idle();
                return false;
              } catch (PluginException e) {
                return e.getMessage().contains("lost the connection");
              }
            });
      }
      assertThat(texts(publisher)).containsExactly("status/sink offline");
    }
  }

  @Test
  void aBrokerThatFallsSilentEndsTheWriteInTime() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        FaultProxy proxy = FaultProxy.to(mosquitto.port());
        Batch batch = samples(500)) {
      Broker slow = Configs.broker(proxy.port(), Version.MQTT5, "sink");
      Broker broker =
          new Broker(
              slow.host(),
              slow.port(),
              slow.version(),
              slow.clientId(),
              slow.user(),
              slow.password(),
              slow.tls(),
              slow.keepAlive(),
              Optional.of(Duration.ofMillis(400)));
      SinkConfig config =
          new SinkConfig(broker, "out/{tag}", SinkPayload.RAW, 1, false, 100, Optional.empty());
      try (Sink sink = new MqttSink().open(config, Samples.SCHEMA, context())) {
        proxy.set(new Fault.HalfOpen());
        assertThatThrownBy(() -> sink.write(batch))
            .isInstanceOf(PluginException.class)
            .hasMessageContaining("acknowledged nothing within 400 ms");
      }
    }
  }

  @Test
  void aTopicThatDoesNotFitTheRowsIsRefusedBefore() {
    SinkConfig config = config(1, Version.MQTT5, "out/{field}", SinkPayload.JSON, 1, false);
    assertThatThrownBy(() -> new MqttSink().check(config, Samples.SCHEMA))
        .isInstanceOf(PluginException.class)
        .hasMessage("topic: expected {tag}, since samples come in, got {field}");
    assertThatThrownBy(() -> config(1, Version.MQTT5, "out/+/{tag}", SinkPayload.JSON, 1, false))
        .hasMessage("topic: expected a topic without wildcards, got 'out/+/{tag}'");
  }
}
