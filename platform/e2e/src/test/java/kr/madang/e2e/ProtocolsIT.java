package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OPC UA, Modbus and MQTT make one frame for a model, and the recording makes it again. */
class ProtocolsIT {
  private static final String NAME = "line";
  private static final Path MODEL = Path.of("../../samples/pump-anomaly/src/main/plugin");
  private static final List<String> UA = List.of("current", "pressure");
  private static final List<String> MODBUS = List.of("flow", "temperature");
  private static final List<String> MQTT = List.of("vibrationA", "vibrationB");
  private static final Duration UA_AGE = Duration.ofSeconds(1);
  private static final Duration MQTT_AGE = Duration.ofSeconds(10);
  private static final int NO_COMMUNICATION = 0x80310000;
  private static final int WINDOW = 60;

  /**
   * Frames are behind the clock by lateness and age; so many later, half a window is without OPC
   * UA.
   */
  private static final int BEHIND = 100;

  @TempDir Path folder;

  @BeforeAll
  static void look() {
    if (!Mosquitto.installed()) {
      Harness.print("mosquitto is not installed: the frame of three protocols is left out");
    }
    assumeTrue(Mosquitto.installed(), "mosquitto is not installed");
  }

  @Test
  void threeProtocolsMakeOneFrameForAModelAndTheRecordingMakesItAgainBitByBit() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path home = Madang.home(folder.resolve("home"), folder);
    String document;
    Instant begun;
    Instant gone;
    try (Floor floor = new Floor(folder);
        Madang madang = Madang.serve(home, temp)) {
      begun = floor.begun;
      document = document(floor);
      madang.install(PluginArchive.of(MODEL, "0.1.0"));
      madang.create(document);
      madang.until(NAME, "windows are scored", () -> madang.rows(NAME, "scored") >= 4);
      gone = floor.endUa();
      madang.until(NAME, "it is noticed", () -> madang.state(NAME).equals("degraded"));
      long noticed = madang.rows(NAME, "aligned");
      madang.until(NAME, "frames go on", () -> madang.rows(NAME, "aligned") > noticed + BEHIND);
      madang.command(NAME, "stop");
      madang.until(NAME, "it stops", () -> madang.state(NAME).equals("stopped"));
      JsonNode ledger = madang.ledger(NAME);
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      assertThat(madang.stop()).isZero();
    }
    List<Map<String, Object>> frames = ArrowRows.written(folder.resolve("aligned"));
    List<Map<String, Object>> scores = ArrowRows.written(folder.resolve("scored"));
    whole(frames, begun);
    scored(scores);
    away(frames, scores, gone);
    again(temp, home, document, frames, scores);
  }

  private String document(Floor floor) {
    return """
    pipeline: line
    durability: journal
    journal: { keep: 1h }
    limits: { timeout: 10s, retryMin: 50ms, retryMax: 500ms }
    sources:
      ua:
        use: opcua
        config:
          endpoint: %1$s
          policy: none
          publishingInterval: 100ms
          samplingInterval: 100ms
          keepAlive: 1s
          queueSize: 100
          tags:
            - { tag: pump1/current, node: "nsu=urn:plant;s=current" }
            - { tag: pump1/pressure, node: "nsu=urn:plant;s=pressure" }
      registers:
        use: modbus
        config:
          host: 127.0.0.1
          port: %2$d
          every: 1s
          registers:
            - { tag: pump1/flow, table: input, address: 4, type: float32 }
            - { tag: pump1/temperature, table: input, address: 6, type: float32 }
      events:
        use: mqtt
        config:
          broker: { host: 127.0.0.1, port: %3$d }
          subscriptions:
            - topic: "plant/{pump}/{signal}"
              time: /ts
              readings: [ { value: /v, tag: "{pump}/{signal}" } ]
    steps:
      - name: frames
        from: [ ua, registers, events ]
        align:
          every: 100ms
          lateness: 2s
          fields:
            vibrationA: { tag: pump1/vibrationA, fill: hold, maxAge: %5$ds }
            vibrationB: { tag: pump1/vibrationB, fill: hold, maxAge: %5$ds }
            current: { tag: pump1/current, fill: hold, maxAge: %4$ds }
            pressure: { tag: pump1/pressure, fill: hold, maxAge: %4$ds }
            temperature: { tag: pump1/temperature, fill: hold, maxAge: 5s }
            flow: { tag: pump1/flow, fill: hold, maxAge: 5s }
      - window: { length: 60, hop: 5, fields: [vibrationA, vibrationB, current, pressure, temperature, flow] }
      - name: scores
        model: { use: pump-autoencoder@^1 }
    sinks:
      - { name: aligned, from: frames, use: files, config: { path: %6$s/aligned, format: arrow } }
      - { name: scored, from: scores, use: files, config: { path: %6$s/scored, format: arrow } }
    """
        .formatted(
            floor.ua.endpoint(),
            floor.plant.port(),
            floor.broker.port(),
            UA_AGE.toSeconds(),
            MQTT_AGE.toSeconds(),
            folder);
  }

  /** Frames that have Good values of all three, each no older than it may be. */
  private static void whole(List<Map<String, Object>> frames, Instant begun) {
    List<Map<String, Object>> whole =
        frames.stream()
            .filter(row -> good(row, UA) && good(row, MODBUS) && good(row, MQTT))
            .toList();
    Harness.print(
        "%,d frames, %,d of them with all of three protocols", frames.size(), whole.size());
    assertThat(whole).hasSizeGreaterThanOrEqualTo(WINDOW);
    for (Map<String, Object> row : whole) {
      double instant = (time(row) - Nanos.of(begun)) / 1e9;
      for (String field : UA) {
        assertThat(instant - (Double) row.get(field))
            .as("age of %s in %s", field, row)
            .isBetween(-1e-9, UA_AGE.toSeconds() + 1e-9);
      }
      for (String field : MQTT) {
        assertThat(instant - (Double) row.get(field))
            .as("age of %s in %s", field, row)
            .isBetween(-1e-9, MQTT_AGE.toSeconds() + 1e-9);
      }
      assertThat(row.get("current")).as("both of one instant").isEqualTo(row.get("pressure"));
    }
    for (int i = 1; i < frames.size(); i++) {
      assertThat(time(frames.get(i)) % 100_000_000L).as("on the grid").isZero();
      assertThat(time(frames.get(i))).isGreaterThan(time(frames.get(i - 1)));
    }
  }

  private static void scored(List<Map<String, Object>> scores) {
    assertThat(scores).hasSizeGreaterThanOrEqualTo(4);
    for (Map<String, Object> row : scores) {
      assertThat(status(row, "score") >>> 30).as("%s", row).isZero();
      assertThat(((Number) row.get("score")).doubleValue()).as("%s", row).isFinite();
    }
  }

  /** Without its server OPC UA has no value; the others go on. */
  private static void away(
      List<Map<String, Object>> frames, List<Map<String, Object>> scores, Instant gone) {
    long from = Nanos.of(gone.plus(UA_AGE));
    List<Map<String, Object>> late = frames.stream().filter(row -> time(row) > from).toList();
    assertThat(late).hasSizeGreaterThan(WINDOW / 2);
    for (Map<String, Object> row : late) {
      for (String field : UA) {
        assertThat(row.get(field)).as("%s in %s", field, row).isNull();
        assertThat(status(row, field) >>> 30).as("%s is Bad in %s", field, row).isEqualTo(2);
      }
    }
    assertThat(late)
        .filteredOn(row -> good(row, MODBUS) && good(row, MQTT))
        .as("frames in which the others go on")
        .hasSizeGreaterThan(WINDOW / 4);
    assertThat(UA).allMatch(field -> status(late.getLast(), field) == NO_COMMUNICATION);
    assertThat(scores).as("scores of Bad windows").noneMatch(row -> time(row) > from);
  }

  /** Two replays are the same bytes, and begin with what the live run wrote. */
  private void again(
      Path temp,
      Path home,
      String document,
      List<Map<String, Object>> frames,
      List<Map<String, Object>> scores)
      throws Exception {
    Path file = Files.writeString(folder.resolve("line.yaml"), document);
    for (String to : List.of("first", "second")) {
      Madang.Ended ended =
          Madang.run(
              temp,
              "replay",
              file.toString(),
              "--home",
              home.toString(),
              "--to-folder",
              folder.resolve(to).toString());
      assertThat(ended.status()).as(ended.errors()).isZero();
    }
    for (String result : List.of("aligned.arrow", "scored.arrow")) {
      Path first = folder.resolve("first").resolve(result);
      assertThat(Files.mismatch(first, folder.resolve("second").resolve(result)))
          .as("first byte at which two replays differ in %s", result)
          .isEqualTo(-1);
    }
    List<Map<String, Object>> framesAgain = ArrowRows.read(folder.resolve("first/aligned.arrow"));
    List<Map<String, Object>> scoresAgain = ArrowRows.read(folder.resolve("first/scored.arrow"));
    Harness.print(
        "live %,d frames and %,d scores, replayed %,d and %,d",
        frames.size(), scores.size(), framesAgain.size(), scoresAgain.size());
    assertThat(framesAgain).startsWith(rows(frames));
    assertThat(scoresAgain).startsWith(rows(scores));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Map<String, Object>[] rows(List<Map<String, Object>> rows) {
    return rows.toArray(new Map[0]);
  }

  private static boolean good(Map<String, Object> row, List<String> fields) {
    return fields.stream()
        .allMatch(field -> row.get(field) != null && status(row, field) >>> 30 == 0);
  }

  private static int status(Map<String, Object> row, String field) {
    return (Integer) row.get(field + "#status");
  }

  private static long time(Map<String, Object> row) {
    return (Long) row.get("time");
  }
}
