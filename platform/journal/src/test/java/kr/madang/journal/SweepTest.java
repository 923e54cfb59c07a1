package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rows go when a reader is behind them for good. */
final class SweepTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int ROWS = 60;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  /** What happens in the moment in which the journal looks what may go. */
  private final AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});

  private JournalOptions options(SimDisk disk) {
    return new JournalOptions(
        disk,
        () -> {
          if (StackWalker.getInstance()
              .walk(frames ->
                  frames.anyMatch(frame -> frame.getClassName().equals(Sweep.class.getName())))) {
            meanwhile.getAndSet(() -> {}).run();
          }
          return Instant.parse("2026-01-01T00:00:00Z");
        },
        Thread.ofPlatform().daemon().factory(),
        4L << 20,
        0,
        64 << 10,
        64 << 10,
        Duration.ZERO,
        false,
        Optional.empty());
  }

  private static void moveTo(Journal journal, JournalStream stream, long row) {
    journal.cursor("place").set(Long.toString(row).getBytes(StandardCharsets.UTF_8));
    stream.release(row);
  }

  @Test
  void rowsReleasedWhileItIsLookedWhatMayGoStayUntilTheCursorIsSafe() throws Exception {
    SimDisk disk = new SimDisk();
    List<SimDisk> cut = new ArrayList<>();
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      JournalStream stream = journal.stream("s", StreamOptions.DEFAULT);
      for (int i = 0; i < ROWS; i++) {
        byte[] bytes = "x".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        long order = journal.append(List.of(Entry.note(stream, bytes)), LONG).order();
        assertThat(journal.awaitForced(order, LONG)).isTrue();
      }
      long before = journal.status().bytes();
      meanwhile.set(() -> moveTo(journal, stream, ROWS));
      moveTo(journal, stream, 20);
      Await.until("something goes", () -> journal.status().bytes() < before);
      for (long seed = 0; seed < 20; seed++) {
        cut.add(disk.powerCut(seed));
      }
    }
    for (SimDisk left : cut) {
      try (Journal journal = Journal.open(Workload.HOME, options(left))) {
        long place =
            journal
                .cursor("place")
                .get()
                .map(value -> Long.parseLong(new String(value, StandardCharsets.UTF_8)))
                .orElse(0L);
        try (Reader reader = journal.read(Map.of("s", place), arrow.get())) {
          while (!reader.atEnd()) {
            assertThat(reader.poll(LONG))
                .as("behind the cursor at %d", place)
                .isInstanceOf(Logged.Note.class);
          }
        }
      }
    }
  }
}
