package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at every write, force, rename, … of a scripted run on the real disk, then a run that has
 * to finish what was begun. A build tries some points by seed, {@code -Dmadang.points=all} every
 * one, {@code -Dmadang.point=journal:fdatasync:17} that one.
 */
class SyscallKillIT {
  private static final int ROWS = Harness.size("script.rows", 600);

  /** One system call of the scripted run. */
  private record Point(String place, String call, int nth) {
    static Point parse(String text) {
      String[] cells = text.split(":");
      return new Point(cells[0], cells[1], Integer.parseInt(cells[2]));
    }

    @Override
    public String toString() {
      return place + ":" + call + ":" + nth;
    }
  }

  @TempDir Path given;
  private Path folder;
  private Path temp;
  private Path document;

  @BeforeEach
  void lay() throws Exception {
    boolean there = Strace.works();
    if (!there) {
      Harness.print("SIGKILL at system calls is SKIPPED: strace is not installed or may not trace");
    }
    assumeTrue(there, "strace is not installed or may not trace");
    folder = given.toRealPath();
    temp = Files.createDirectory(folder.resolve("temp"));
    StringBuilder csv = new StringBuilder("time,n\n");
    Instant time = Instant.parse("2026-01-01T00:00:00Z");
    for (int i = 0; i < ROWS; i++) {
      csv.append(time.plusMillis(i)).append(',').append(i).append('\n');
    }
    Files.writeString(folder.resolve("in.csv"), csv);
    document =
        Files.writeString(
            folder.resolve("script.yaml"),
            """
            pipeline: script
            durability: %s
            source: { use: files, config: { path: in.csv, batch: 10, columns: { n: { type: double } } } }
            steps:
              - { name: tens, window: { length: 10 } }
              - { name: means, mean: {} }
            sinks:
              - { name: rows, from: source, use: files, config: { path: rows, format: csv, rotateBytes: 1500 } }
              - { name: mean, from: means, use: files, config: { path: means, format: csv, rotateBytes: 300 } }
            """
                .formatted(Harness.DURABILITY));
  }

  @Test
  void killedAtAnySystemCallTheNextRunEndsItRight() throws Exception {
    Path log = folder.resolve("calls");
    Madang.Ended dry = Madang.run(Strace.record(log), temp, arguments());
    assertThat(dry.status()).as(dry.errors()).isZero();
    check();
    Map<String, List<Strace.Call>> places = new TreeMap<>();
    for (Strace.Call call : Strace.read(log, folder)) {
      String place = place(call.file());
      if (!place.isEmpty()) {
        places.computeIfAbsent(place, _ -> new ArrayList<>()).add(call);
      }
    }
    List<Point> all = new ArrayList<>();
    places.forEach((place, calls) ->
        Strace.most(calls)
            .forEach((call, most) -> {
              for (int nth = 1; nth <= most; nth++) {
                all.add(new Point(place, call, nth));
              }
            }));
    List<Point> chosen = choose(all);
    long began = System.nanoTime();
    int killed = 0;
    List<String> wrong = new ArrayList<>();
    for (Point point : chosen) {
      Set<String> files = new TreeSet<>();
      places.getOrDefault(point.place, List.of()).forEach(call -> files.add(call.file()));
      wipe();
      Madang.Ended first = Madang.run(Strace.kill(point.call, point.nth, files), temp, arguments());
      killed += first.status() == 137 ? 1 : 0;
      try {
        assertThat(first.status()).as("killed, or not reached: %s", first.errors()).isIn(137, 0);
        Madang.Ended second = Madang.run(temp, arguments());
        assertThat(second.status()).as(second.errors()).isZero();
        JsonNode ledger = Madang.JSON.readTree(second.last());
        assertThat(ledger.at("/balanced").asBoolean()).as(second.last()).isTrue();
        check();
      } catch (AssertionError | IOException e) {
        wrong.add("-Dmadang.point=" + point + ": " + e.getMessage());
        Harness.print("WRONG at %s: %s", point, e.getMessage());
      }
    }
    Harness.print(
        "SIGKILL at system calls: %d of %d points tried, %d killed, %d not reached, %d wrong, %d s",
        chosen.size(),
        all.size(),
        killed,
        chosen.size() - killed,
        wrong.size(),
        (System.nanoTime() - began) / 1_000_000_000);
    places.forEach((place, calls) -> Harness.print("%s: %s", place, Strace.most(calls)));
    assertThat(wrong).isEmpty();
    assertThat(killed).as("points where it was killed").isGreaterThan(chosen.size() / 2);
  }

  private static List<Point> choose(List<Point> all) {
    String one = System.getProperty("madang.point", "");
    String size = System.getProperty("madang.points", "6");
    if (!one.isEmpty()) {
      return List.of(Point.parse(one));
    }
    if (size.equals("all")) {
      return all;
    }
    long seed = Harness.freshSeed();
    Harness.print("SIGKILL at system calls: seed %d", seed);
    List<Point> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(seed));
    return shuffled.subList(0, Math.min(all.size(), Integer.parseInt(size)));
  }

  private String[] arguments() {
    return new String[] {"run", "--home", folder.resolve("home").toString(), document.toString()};
  }

  /** Files that belong together; each kind is mostly written by a thread of its own. */
  private String place(String file) {
    Path path = folder.relativize(Path.of(file));
    String top = path.getName(0).toString();
    return switch (top) {
      case "rows", "means" -> top;
      case "home" -> path.startsWith("home/journal") ? "journal" : "home";
      default -> "";
    };
  }

  private void wipe() throws IOException {
    for (String name : List.of("home", "rows", "means")) {
      Path path = folder.resolve(name);
      if (Files.exists(path)) {
        try (Stream<Path> tree = Files.walk(path)) {
          for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    }
  }

  private void check() throws Exception {
    exactly(folder.resolve("rows"), ROWS, i -> i);
    exactly(folder.resolve("means"), ROWS / 10, i -> i * 10 + 4.5);
  }

  private static void exactly(Path out, long rows, java.util.function.LongToDoubleFunction number)
      throws Exception {
    Received received = new Received(out.getFileName().toString(), true);
    double[] values = Written.in(out).numbers("n");
    for (int i = 0; i < values.length; i++) {
      received.add(0, i, values[i]);
    }
    if (Harness.journal()) {
      received.assertExactly(rows, number);
    } else {
      received.assertAtLeastOnce(rows, number);
    }
  }
}
