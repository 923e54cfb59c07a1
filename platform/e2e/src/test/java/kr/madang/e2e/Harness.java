package kr.madang.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How large the long tests are; a build runs a slice of seconds. */
final class Harness {
  /** {@code -Dmadang.durability=none} runs the same load without the journal. */
  static final String DURABILITY = System.getProperty("madang.durability", "journal");

  private static final long FIXED_SEED = 20_260_101;

  private Harness() {}

  static boolean journal() {
    return DURABILITY.equals("journal");
  }

  /** A size of a test: {@code -Dmadang.NAME=…}, or what a build can afford. */
  static int size(String name, int usual) {
    return Integer.getInteger("madang." + name, usual);
  }

  /** The seed named by {@code -Dmadang.seed}, else a fixed one. */
  static long seed() {
    return Long.getLong("madang.seed", FIXED_SEED);
  }

  /** The seed named by {@code -Dmadang.seed}, else one that no build had before. */
  static long freshSeed() {
    return Long.getLong("madang.seed", System.nanoTime() & 0xFFFF_FFFFL);
  }

  /** Figures go to standard output, where the build shows them. */
  static void print(String format, Object... arguments) {
    System.out.printf("[harness] " + format + "%n", arguments);
  }

  /** Whether a program of the system is there and ends with 0. */
  static boolean works(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  /** Lets a fault act for a while; nothing is expected to happen at its end. */
  static void last(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  static long number(Path file) throws Exception {
    return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : -1;
  }
}
