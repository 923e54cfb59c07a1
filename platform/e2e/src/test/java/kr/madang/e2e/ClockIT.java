package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.e2e.harness.HarnessPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clock of the machine jumps, forward and back, while rows flow and over a kill -9. */
class ClockIT {
  private static final List<String> JUMPS = List.of("+1h", "+0", "-1h", "+2d", "-1h", "+0");

  @TempDir Path folder;

  @Test
  void aClockThatJumpsLosesDoublesAndReordersNothing() throws Exception {
    Optional<Path> library = library();
    if (library.isEmpty()) {
      Harness.print("jumps of the clock are SKIPPED: libfaketime is not installed");
    }
    assumeTrue(library.isPresent(), "libfaketime is not installed");
    Path home = Madang.home(folder.resolve("home"), folder);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path clock = folder.resolve("clock");
    set(clock, "+0");
    Madang.Wrap wrap =
        new Madang.Wrap(
            List.of("env", "LD_PRELOAD=" + library.get()),
            Map.of(
                "FAKETIME_TIMESTAMP_FILE", clock.toString(),
                "FAKETIME_NO_CACHE", "1",
                // Else waits of the JVM end late or never.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            false);
    try (AckPeer peer = AckPeer.ordered()) {
      Madang madang = Madang.serve(wrap, home, temp);
      try {
        madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
        madang.create(
            """
            pipeline: jumping
            durability: %s
            limits: { timeout: 2s, retryMin: 20ms, retryMax: 200ms }
            source: { use: harness/counter, config: { folder: %s, rate: 2000 } }
            sinks:
              - { name: far, use: harness/peer, config: { port: %d } }
              - { name: rows, use: files, config: { path: %s, format: csv, rotate: 300ms } }
            """
                .formatted(
                    Harness.DURABILITY,
                    folder.resolve("jumping"),
                    peer.port(),
                    folder.resolve("rows")));
        Received far = peer.of("jumping", "far");
        for (int i = 0; i < JUMPS.size(); i++) {
          String jump = JUMPS.get(i);
          set(clock, jump);
          if (i % 2 == 1) {
            madang.kill();
            madang.close();
            madang = Madang.serve(wrap, home, temp);
          }
          long before = far.rows();
          Madang running = madang;
          running.until("rows flow after " + jump, () -> far.rows() > before + 500);
          JsonNode ledger = running.ledger("jumping");
          assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
        }
        Files.writeString(folder.resolve("jumping/drain"), "");
        Madang last = madang;
        last.until("the pipeline ends", () -> last.state("jumping").equals("finished"));
        assertThat(last.stop()).isZero();
        long rows = Harness.number(folder.resolve("jumping/ended"));
        double[] written = Written.in(folder.resolve("rows")).numbers("n");
        if (Harness.journal()) {
          far.assertExactly(rows, i -> i);
          assertThat(written).hasSize((int) rows);
        } else {
          far.assertAtLeastOnce(rows, i -> i);
        }
        Harness.print("clock jumps %s: %s", JUMPS, far);
      } finally {
        madang.close();
      }
    }
  }

  private static void set(Path clock, String offset) throws Exception {
    Path next = clock.resolveSibling("clock.next");
    Files.writeString(next, offset + "\n");
    Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Harness.last(Duration.ofMillis(100));
  }

  private static Optional<Path> library() throws Exception {
    for (Path folder : List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> found =
            Files.find(folder, 3, (file, _) -> file.endsWith("faketime/libfaketime.so.1"))) {
          Optional<Path> first = found.findFirst();
          if (first.isPresent()) {
            return first;
          }
        }
      }
    }
    return Optional.empty();
  }
}
