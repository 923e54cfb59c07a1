package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Modbus device that dies and comes back. */
class DeviceIT {
  private static final int DEATHS = 10;
  private static final String PIPELINES = "/api/v1/workspaces/default/pipelines";
  // A round that was under way when the device died may still have been answered.
  private static final Duration GRACE = Duration.ofMillis(50);

  @TempDir Path folder;

  private record Away(Instant from, Instant to) {}

  private record Row(Instant time, String value, long status) {}

  @Test
  void pollingResumesByItselfAndNoStaleValueIsGood() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path out = folder.resolve("out");
    List<Away> absences = new ArrayList<>();
    PlantProcess plant = PlantProcess.start(0);
    int port = plant.port();
    try (Madang madang = Madang.serve(Madang.home(folder.resolve("home"), folder), temp)) {
      String document =
          """
          pipeline: device
          limits: { retryMax: 500ms }
          source:
            use: modbus
            config:
              host: 127.0.0.1
              port: %d
              every: 50ms
              registers:
                - { tag: current, table: input, address: 0, type: float32, unit: A }
                - { tag: plantTime, table: input, address: 12, type: uint32, unit: ms }
          sinks:
            - { use: files, config: { path: %s, format: csv } }
          """
              .formatted(port, out);
      assertThat(
              madang
                  .post(PIPELINES, "application/yaml", document.getBytes(StandardCharsets.UTF_8))
                  .statusCode())
          .isEqualTo(201);
      madang.until("values come", () -> state(madang).equals("running") && rows(madang) > 20);
      for (int i = 0; i < DEATHS; i++) {
        plant.close();
        Instant from = Instant.now().plus(GRACE);
        madang.until("it is noticed", () -> state(madang).equals("degraded"));
        long before = rows(madang);
        madang.until("Bad rows are written meanwhile", () -> rows(madang) > before + 10);
        assertThat(qualities(madang)).containsOnly("Bad_NoCommunication");
        Instant to = Instant.now();
        absences.add(new Away(from, to));
        plant = PlantProcess.start(port);
        madang.until("polling resumes", () -> state(madang).equals("running"));
        long resumed = rows(madang);
        madang.until("values come again", () -> rows(madang) > resumed + 10);
        assertThat(qualities(madang)).containsOnly("Good");
      }
      JsonNode status = madang.get(PIPELINES + "/device/status");
      assertThat(status.findValue("restarts").asLong()).isGreaterThanOrEqualTo(DEATHS);
      assertThat(status.at("/stages/0/history"))
          .extracting(turn -> turn.at("/state").asText() + " " + turn.at("/code").asText())
          .endsWith("retrying UNREACHABLE", "running ");
      assertThat(madang.post(PIPELINES + "/device/stop", "text/plain", new byte[0]).statusCode())
          .isEqualTo(200);
      madang.until("it has stopped", () -> state(madang).equals("stopped"));
      JsonNode ledger = madang.get(PIPELINES + "/device/ledger");
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      assertThat(ledger.at("/dropped").asLong()).isZero();
      List<Row> written = read(out);
      assertThat(written).hasSize((int) ledger.at("/stages/0/in").asLong());
      for (Away away : absences) {
        assertThat(written)
            .filteredOn(row -> row.time.isAfter(away.from) && row.time.isBefore(away.to))
            .isNotEmpty()
            .allSatisfy(row -> {
              assertThat(row.status).isEqualTo(0x80310000L);
              assertThat(row.value).isEmpty();
            });
      }
      assertThat(madang.stop()).isZero();
    } finally {
      plant.close();
    }
  }

  private static String state(Madang madang) throws Exception {
    return madang.get(PIPELINES + "/device").at("/state").asText();
  }

  private static long rows(Madang madang) throws Exception {
    return madang.get(PIPELINES + "/device/ledger").at("/stages/0/in").asLong();
  }

  private static List<String> qualities(Madang madang) throws Exception {
    return madang.get(PIPELINES + "/device/tags").findValuesAsText("quality");
  }

  private static List<Row> read(Path folder) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        List<String> head = List.of(lines.get(0).split(",", -1));
        for (String line : lines.subList(1, lines.size())) {
          String[] cells = line.split(",", -1);
          rows.add(
              new Row(
                  Instant.parse(cells[head.indexOf("receiveTime")]),
                  cells[head.indexOf("value")],
                  Long.parseLong(cells[head.indexOf("status")])));
        }
      }
    }
    return rows;
  }
}
