package kr.madang.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** Another program that appends numbered lines to a CSV file, whatever the runtime does. */
final class Appender implements AutoCloseable {
  private static final int LINES = 20;
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

  private final Path file;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long next;

  Appender(Path file, int linesPerSecond) throws IOException {
    this.file = file;
    Files.writeString(file, "time,n\n");
    append();
    thread = Thread.ofVirtual().name("appender").start(() -> run(linesPerSecond));
  }

  private void run(int linesPerSecond) {
    try {
      while (!stopping) {
        LockSupport.parkNanos(1_000_000_000L * LINES / linesPerSecond);
        append();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void append() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      lines.append(FIRST.plusMillis(next + i)).append(',').append(next + i).append('\n');
    }
    Files.writeString(file, lines, StandardOpenOption.APPEND);
    next += LINES;
  }

  /** How many numbers were written, a multiple of 20. */
  long written() {
    return next;
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join();
  }
}
