package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import kr.madang.e2e.toy.ToyPlugin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime as a service. */
class ServeIT {
  private static final int KILLS = 20;
  private static final String PIPELINES = "/api/v1/workspaces/default/pipelines";
  private static final String COUNTING =
      """
      pipeline: counting
      source: { use: toy/counter }
      sinks:
        - { use: toy/oblivion }
      """;

  @TempDir Path folder;
  private Path home;
  private Path temp;

  @BeforeEach
  void lay() throws Exception {
    home = folder.resolve("home");
    temp = Files.createDirectory(folder.resolve("temp"));
  }

  @Test
  void aFirstStartMakesATokenThatOnlyItsOwnerCanRead() throws Exception {
    try (Madang madang = Madang.serve(home, temp)) {
      Path token = home.resolve("admin.token");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
          .isEqualTo("rw-------");
      assertThat(madang.send(madang.anonymous("/api/v1/plugins")).statusCode()).isEqualTo(401);
      assertThat(madang.send(madang.anonymous("/health/ready")).statusCode()).isEqualTo(200);
      assertThat(madang.get("/api/v1/plugins").at("/plugins").findValuesAsText("id"))
          .contains("files", "modbus", "simulator");
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void aSecondRuntimeOnTheSameHomeIsRefused() throws Exception {
    try (Madang madang = Madang.serve(home, temp)) {
      Madang.Ended second = Madang.run(temp, "serve", "--home", home.toString(), "--port", "0");
      assertThat(second.status()).isEqualTo(2);
      assertThat(second.lines()).isEmpty();
      assertThat(second.errors())
          .contains(home.toString())
          .contains("process " + madang.process.pid());
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void sigtermDrainsARunningPipelineAndEndsWithZero() throws Exception {
    try (Madang madang = Madang.serve(home, temp)) {
      start(madang);
      assertThat(madang.stop()).isZero();
    }
    try (Madang again = Madang.serve(home, temp)) {
      awaitRunning(again);
      assertThat(again.stop()).isZero();
    }
    assertNothingLeft();
  }

  @Test
  void killedTwentyTimesItComesBackWithTheSameDesiredState() throws Exception {
    try (Madang madang = Madang.serve(home, temp)) {
      start(madang);
      String stopped = COUNTING.replace("counting", "resting");
      create(madang, stopped);
      assertThat(madang.post(PIPELINES + "/resting/stop", "text/plain", new byte[0]).statusCode())
          .isEqualTo(200);
      madang.kill();
    }
    for (int i = 0; i < KILLS; i++) {
      try (Madang madang = Madang.serve(home, temp)) {
        awaitRunning(madang);
        assertThat(madang.get(PIPELINES + "/resting").at("/desired").asText()).isEqualTo("stopped");
        madang.kill();
      }
    }
    assertNothingLeft();
  }

  private static void start(Madang madang) throws Exception {
    HttpResponse<String> installed =
        madang.post(
            "/api/v1/plugins",
            "application/zip",
            PluginArchive.of("toy", "1.0.0", ToyPlugin.class));
    assertThat(installed.statusCode()).as(installed.body()).isEqualTo(201);
    create(madang, COUNTING);
    awaitRunning(madang);
  }

  private static void create(Madang madang, String document) throws Exception {
    HttpResponse<String> created =
        madang.post(PIPELINES, "application/yaml", document.getBytes(StandardCharsets.UTF_8));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
  }

  private static void awaitRunning(Madang madang) throws Exception {
    madang.until(
        "rows flow",
        () -> {
          JsonNode ledger = madang.get(PIPELINES + "/counting/ledger");
          return ledger.at("/stages/0/in").asLong() > 0;
        });
    // The ledger goes on from an earlier life before the pipeline does.
    madang.until("it runs", () -> madang.state("counting").equals("running"));
  }

  private void assertNothingLeft() throws Exception {
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).as("what is left in the temp folder").isEmpty();
    }
  }
}
