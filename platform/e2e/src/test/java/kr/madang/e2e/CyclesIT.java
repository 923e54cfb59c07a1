package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import kr.madang.e2e.toy.ToyPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that come and go beside a pipeline that runs. */
class CyclesIT {
  private static final int WARM_UP = 10;
  private static final int CYCLES = Harness.size("cycles", 6);
  private static final String PIPELINES = "/api/v1/workspaces/default/pipelines";

  @TempDir Path folder;

  private record Traces(long threads, long descriptors, long loaders) {}

  @Test
  void nothingIsLeftOfAPluginThatWasUninstalled() throws Exception {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (Madang madang = Madang.serve(Madang.home(folder.resolve("home"), folder), temp)) {
      String document =
          """
          pipeline: steady
          source: { use: simulator, config: { every: 20ms } }
          sinks:
            - { use: files, config: { path: %s, format: csv } }
          """
              .formatted(folder.resolve("out"));
      assertThat(
              madang
                  .post(PIPELINES, "application/yaml", document.getBytes(StandardCharsets.UTF_8))
                  .statusCode())
          .isEqualTo(201);
      byte[] archive = PluginArchive.of("toy", "1.0.0", ToyPlugin.class);
      for (int i = 0; i < WARM_UP; i++) {
        cycle(madang, archive);
      }
      Traces before = traces(madang);
      long rows = rows(madang);
      for (int i = 0; i < CYCLES; i++) {
        cycle(madang, archive);
      }
      madang.until(
          "class loaders, threads and descriptors are back to " + before,
          () -> {
            Traces now = traces(madang);
            return now.loaders == before.loaders
                && now.threads <= before.threads
                && now.descriptors <= before.descriptors;
          });
      assertThat(rows(madang)).isGreaterThan(rows);
      assertThat(madang.get(PIPELINES + "/steady").at("/state").asText()).isEqualTo("running");
      assertThat(madang.get(PIPELINES + "/steady/ledger").at("/balanced").asBoolean()).isTrue();
      assertThat(madang.stop()).isZero();
    }
  }

  private static void cycle(Madang madang, byte[] archive) throws Exception {
    HttpResponse<String> installed = madang.post("/api/v1/plugins", "application/zip", archive);
    assertThat(installed.statusCode()).as(installed.body()).isEqualTo(201);
    HttpResponse<String> removed =
        madang.send(madang.request("/api/v1/plugins/toy/1.0.0").DELETE());
    assertThat(removed.statusCode() / 100).as(removed.body()).isEqualTo(2);
  }

  private static long rows(Madang madang) throws Exception {
    return madang.get(PIPELINES + "/steady/ledger").at("/stages/0/in").asLong();
  }

  private static Traces traces(Madang madang) throws Exception {
    Path process = Path.of("/proc", Long.toString(madang.process.pid()));
    return new Traces(
        count(process.resolve("task")),
        count(process.resolve("fd")),
        loaders(madang.process.pid()));
  }

  private static long count(Path folder) throws Exception {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  /** Counts what the collector leaves alive, by a tool of the JDK from outside. */
  private static long loaders(long pid) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process histogram =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram").start();
    try (Stream<String> lines = histogram.inputReader().lines()) {
      return lines
          .filter(line -> line.endsWith(" kr.madang.host.Wall"))
          .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
          .sum();
    }
  }
}
