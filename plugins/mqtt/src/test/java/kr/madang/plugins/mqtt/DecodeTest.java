package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private List<Map<String, @Nullable Object>> rows(
      Subscription subscription, String topic, byte[] payload) throws Misfit {
    Tags tags = new Tags(100);
    SourceConfig config = Configs.source(Configs.broker(1, Version.MQTT5), subscription);
    Readings readings = new Readings();
    new TopicReader(config, tags).read(message(topic, payload), readings);
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      readings.write(writer, tags);
      try (Batch batch = writer.take()) {
        return Rows.of(batch);
      }
    }
  }

  private List<String> read(Subscription subscription, String topic, String payload) throws Misfit {
    return rows(subscription, topic, payload.getBytes(StandardCharsets.UTF_8)).stream()
        .map(row -> Host.shown(row) + " " + row.get("sourceTime"))
        .toList();
  }

  private static Message message(String topic, byte[] payload) {
    return new Message(topic, payload, 1, false, () -> {});
  }

  @Test
  void pathsFindValueTimeAndStatusInAnyOrder() throws Exception {
    Subscription subscription =
        Configs.json(
            "plant/{line}/#",
            null,
            Configs.reading("/data/temp", "{line}/temp"),
            Configs.reading("/data/0/x", "{line}/none"),
            Configs.reading("/data/hum", "{line}/{2}/hum"));
    assertThat(
            read(
                subscription,
                "plant/l1/cell/7",
                "{\"data\":{\"temp\":21.5,\"other\":[1,{\"a\":2}],\"hum\":40},\"time\":1767225600500,\"status\":\"Uncertain\"}"))
        .containsExactly(
            "l1/temp=21.5 Uncertain 1767225600500000000",
            "l1/cell/7/hum=40.0 Uncertain 1767225600500000000");
  }

  @Test
  void anArrayGivesARowForEachElement() throws Exception {
    Subscription subscription =
        Configs.json("plant/+", null, Configs.each("/r", "/v", "{1}/{/n}/{key}"));
    assertThat(
            read(
                subscription,
                "plant/a",
                "{\"r\":[{\"n\":\"x\",\"v\":1},{\"v\":2.5,\"n\":7},{\"n\":\"z\"}],\"time\":\"2026-01-01T00:00:00.25+09:00\"}"))
        .containsExactly(
            "a/x/0=1.0 Good 1767193200250000000", "a/7/1=2.5 Good 1767193200250000000");
    assertThat(read(subscription, "plant/a", "{\"r\":[]}")).isEmpty();
  }

  @Test
  void anObjectOfValuesGivesARowForEachKey() throws Exception {
    Subscription subscription = Configs.json("plant/+", null, Configs.each("", "", "{1}/{key}"));
    assertThat(read(subscription, "plant/a", "{\"p\":1,\"q\":true,\"r\":null,\"s\":\"on\"}"))
        .containsExactly(
            "a/p=1.0 Good null",
            "a/q=1.0 Good null",
            "a/r=null Bad_NoData null",
            "a/s=on Good null");
  }

  @Test
  void anIntegerThatADoubleCannotCarryStaysWhole() throws Exception {
    assertThat(read(Configs.json("a", "a"), "a", "9007199254740993"))
        .containsExactly("a=9007199254740993 Good null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-11644473600000|Uncertain|null", // 1601
        "99999999999999999|Uncertain|null", // µs: the year 5138
        "1767225600|Good|1767225600000000000",
        "1767225600123|Good|1767225600123000000",
        "1767225600123456|Good|1767225600123456000",
        "1767225600123456789|Good|1767225600123456789",
        "1767225600.5|Good|1767225600500000000",
        "\"1601-01-01T00:00:00Z\"|Uncertain|null",
        "\"9999-12-31T23:59:59Z\"|Uncertain|null"
      })
  void aTimeThatCannotBeToldMakesTheSampleUncertain(String time, String status, String nanos)
      throws Exception {
    Subscription subscription = Configs.json("a", "a", Configs.reading("/v", "a"));
    assertThat(read(subscription, "a", "{\"v\":1,\"time\":" + time + "}"))
        .containsExactly("a=1.0 " + status + " " + nanos);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"v\":1|payload: expected JSON",
        "{\"v\":[1]}|/v: expected a number or a text, got an object or array",
        "{\"w\":1}|payload: expected a value at /v, got none",
        "''|payload: expected JSON, got nothing",
        "{\"v\":1} x|payload: expected JSON",
        "{\"v\":1,\"time\":\"yesterday\"}|time: expected RFC 3339",
        "{\"v\":1,\"status\":\"fine\"}|status: expected Good, Uncertain, Bad",
        "{\"v\":1,\"status\":-1}|status: expected an OPC UA status code, got -1",
      })
  void whatDoesNotFitSaysExpectedAndGot(String payload, String why) {
    Subscription subscription = Configs.json("a", "a", Configs.reading("/v", "a"));
    assertThatThrownBy(() -> read(subscription, "a", payload))
        .isInstanceOf(Misfit.class)
        .hasMessageStartingWith(why);
  }

  @Test
  void deepAndLongContentIsRefusedAndNotFollowed() {
    Subscription subscription = Configs.json("a", "a", Configs.reading("/v", "a"));
    assertThatThrownBy(() -> read(subscription, "a", "[".repeat(100_000)))
        .isInstanceOf(Misfit.class);
    assertThatThrownBy(() -> read(subscription, "a", "{\"v\":" + "9".repeat(1_000) + "}"))
        .isInstanceOf(Misfit.class);
    assertThatThrownBy(
            () -> read(subscription, "a", "{\"x\":" + "{\"v\":".repeat(70) + "1" + "}".repeat(71)))
        .isInstanceOf(Misfit.class);
  }

  @Test
  void aBadStatusTakesTheValueAway() throws Exception {
    Subscription subscription = Configs.json("a", "a", Configs.reading("/v", "a"));
    assertThat(read(subscription, "a", "{\"v\":1,\"status\":2156658688}"))
        .containsExactly("a=null Bad_SensorFailure null");
    assertThat(read(subscription, "a", "{\"v\":1,\"status\":\"Bad_SensorFailure\"}"))
        .containsExactly("a=null Bad_SensorFailure null");
  }

  @Test
  void cborIsReadByTheSamePaths() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CBORGenerator cbor = new CBORFactory().createGenerator(out)) {
      cbor.writeStartObject();
      cbor.writeNumberField("v", 2.5);
      cbor.writeNumberField("time", 1_767_225_600_000L);
      cbor.writeBinaryField("b", new byte[] {1, 2});
      cbor.writeNumberField("n", Double.NaN);
      cbor.writeEndObject();
    }
    Subscription subscription =
        new Subscription(
            "a",
            1,
            PayloadKind.CBOR,
            Optional.empty(),
            List.of(
                Configs.reading("/v", "v"), Configs.reading("/b", "b"), Configs.reading("/n", "n")),
            Optional.of("/time"),
            Times.MS,
            Optional.empty(),
            Statuses.OPCUA,
            ValueType.AUTO,
            "");
    assertThat(rows(subscription, "a", out.toByteArray()).stream().map(Host::shown))
        .containsExactly("v=2.5 Good", "b=0102 Good", "n=null Bad_OutOfRange");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "AUTO|21.5|a=21.5 Good",
        "AUTO| 7 |a=7.0 Good",
        "AUTO|true|a=1.0 Good",
        "AUTO|on|a=on Good",
        "AUTO|1f|a=1f Good",
        "AUTO|NaN|a=null Bad_OutOfRange",
        "NUMBER|1e3|a=1000.0 Good",
        "NUMBER|''|a=null Bad_NoData",
        "TEXT|12|a=12 Good",
        "BYTES|AB|a=4142 Good"
      })
  void aRawPayloadIsOneValue(ValueType type, String payload, String row) throws Exception {
    assertThat(
            rows(Configs.raw("a", 1, type), "a", payload.getBytes(StandardCharsets.UTF_8)).stream()
                .map(Host::shown))
        .containsExactly(row);
  }

  @Test
  void rawBytesThatAreNoTextStayBytes() throws Exception {
    assertThat(
            rows(Configs.raw("a", 1), "a", new byte[] {(byte) 0xFF, 0}).stream().map(Host::shown))
        .containsExactly("a=ff00 Good");
    assertThatThrownBy(
            () -> rows(Configs.raw("a", 1, ValueType.NUMBER), "a", new byte[] {(byte) 0xFF, 0}))
        .hasMessageContaining("payload: expected a number");
  }

  @Test
  void endlessTopicsEndAtTheMostTags() throws Exception {
    Tags tags = new Tags(3);
    SourceConfig config =
        Configs.source(Configs.broker(1, Version.MQTT5), 10, 1_000, 3, Configs.raw("plant/#", 0));
    TopicReader reader = new TopicReader(config, tags);
    Readings out = new Readings();
    for (int i = 0; i < 3; i++) {
      reader.read(message("plant/" + i, new byte[] {'1'}), out);
    }
    assertThatThrownBy(() -> reader.read(message("plant/3", new byte[] {'1'}), out))
        .hasMessageContaining("at most 3 tags (maxTags)");
    reader.read(message("plant/2", new byte[] {'2'}), out);
    assertThat(out.rows()).isEqualTo(4);
    assertThatThrownBy(() -> reader.read(message("plant/1", new byte[1_001]), out))
        .hasMessageContaining("at most 1000 bytes (maxPayload), got 1001 bytes");
  }
}
