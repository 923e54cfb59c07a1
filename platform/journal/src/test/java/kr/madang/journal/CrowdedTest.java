package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.journal.Appended.Outcome;
import kr.madang.journal.disk.DiskFile;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several streams share a journal that is nearly full. */
final class CrowdedTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final long BYTES = 4L << 20;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static JournalOptions options(SimDisk disk) {
    return new JournalOptions(
        disk,
        () -> Instant.parse("2026-01-01T00:00:00Z"),
        Thread.ofPlatform().daemon().factory(),
        BYTES,
        0,
        64 << 10,
        256 << 10,
        Duration.ZERO,
        false,
        Optional.empty());
  }

  private static Appended note(Journal journal, JournalStream stream, int size, Duration atMost) {
    byte[] bytes = "x".repeat(size).getBytes(StandardCharsets.UTF_8);
    return journal.append(List.of(Entry.note(stream, bytes)), atMost);
  }

  private static StreamOptions of(Full full, int share) {
    return new StreamOptions(full, 1L << 30, Duration.ZERO, share);
  }

  @Test
  void aStreamThatNobodyReadsOnDoesNotHoldTheRoomOfOthers() throws Exception {
    SimDisk disk = new SimDisk();
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      JournalStream stuck = journal.stream("stuck", StreamOptions.DEFAULT);
      JournalStream busy = journal.stream("busy", StreamOptions.DEFAULT);
      long last = 0;
      for (int i = 0; i < 2_000; i++) {
        if (i % 200 == 0) {
          assertThat(note(journal, stuck, 100, LONG).outcome()).isEqualTo(Outcome.TAKEN);
        }
        Appended appended = note(journal, busy, 10_000, LONG);
        assertThat(appended.outcome())
            .as("note %d of 10 kB in a journal of 4 MiB: %s", i, journal.status())
            .isEqualTo(Outcome.TAKEN);
        last = appended.order();
        busy.release(busy.next());
      }
      assertThat(journal.awaitForced(last, LONG)).as("%s", journal.status()).isTrue();
      assertThat(journal.status().bytes()).isLessThanOrEqualTo(BYTES);
      assertThat(read(journal, "stuck", 0)).isEqualTo(10);
    }
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      assertThat(journal.status().damage()).isEmpty();
      assertThat(journal.status().bytes()).isLessThanOrEqualTo(BYTES);
      assertThat(read(journal, "stuck", 0)).isEqualTo(10);
      JournalStream busy = journal.find("busy").orElseThrow();
      assertThat(busy.next()).isEqualTo(2_000);
      assertThat(journal.latest(busy, 0, arrow.get()))
          .hasValueSatisfying(last -> assertThat(last.sequence()).isEqualTo(1_999));
    }
  }

  @Test
  void whoFillsTheJournalWaitsBeforeWhoEmptiesIt() {
    try (Journal journal = Journal.open(Workload.HOME, options(new SimDisk()))) {
      JournalStream source = journal.stream("source", of(Full.BLOCK, 50));
      JournalStream state = journal.stream("state", of(Full.BLOCK, 100));
      while (note(journal, source, 10_000, Duration.ofMillis(500)).outcome() == Outcome.TAKEN) {
        assertThat(source.next()).isLessThan(400);
      }
      assertThat(note(journal, state, 10_000, LONG).outcome()).isEqualTo(Outcome.TAKEN);
      source.release(source.next());
      assertThat(note(journal, source, 10_000, LONG).outcome()).isEqualTo(Outcome.TAKEN);
    }
  }

  @Test
  void whatASourceHasHandedOnTakesNoRoomFromASinkThatIsAway() throws Exception {
    try (Journal journal = Journal.open(Workload.HOME, options(new SimDisk()))) {
      JournalStream source = journal.stream("source", of(Full.BLOCK, 70));
      JournalStream away = journal.stream("away", of(Full.BLOCK, 85));
      int kept = 0;
      // the same rows twice: half of each segment is released, and a little more is not
      while (note(journal, source, 30_000, Duration.ofSeconds(3)).outcome() == Outcome.TAKEN) {
        Appended copy = note(journal, away, 31_000, LONG);
        assertThat(journal.awaitForced(copy.order(), LONG)).isTrue();
        source.release(source.next());
        kept++;
      }
      assertThat(kept * 31_000L)
          .as("bytes kept for the sink; 70 %% of the journal are %d", BYTES / 10 * 7)
          .isGreaterThan(BYTES / 100 * 45);
      assertThat(read(journal, "away", 0)).isEqualTo(kept);
    }
  }

  @Test
  void theOldestRowsGoWhenTheJournalIsFullButNotThoseThatACrashWouldNeed() throws Exception {
    SimDisk disk = new SimDisk();
    long taken;
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      JournalStream stream = journal.stream("s", of(Full.DROP_OLDEST, 50));
      for (int i = 0; i < 20; i++) {
        note(journal, stream, 10_000, LONG);
      }
      taken = stream.next();
      stream.taken(taken);
      for (int i = 0; i < 60; i++) {
        note(journal, stream, 10_000, Duration.ofMillis(50));
      }
      assertThat(stream.gone(0, Long.MAX_VALUE)).isZero();
      stream.release(taken);
      Await.until(
          "rows are dropped",
          () -> {
            note(journal, stream, 10_000, LONG);
            return stream.gone(0, Long.MAX_VALUE) > 0;
          });
      journal.awaitForced(journal.forced() + 1, Duration.ofMillis(100));
    }
    try (Journal journal = Journal.open(Workload.HOME, options(disk));
        Reader reader = journal.read(Map.of("s", taken), arrow.get())) {
      Logged first = reader.poll(LONG);
      assertThat(first).isInstanceOf(Logged.Gap.class);
      assertThat(((Logged.Gap) first).cause()).isEqualTo(Gone.DROP_OLDEST);
      assertThat(first.sequence()).isEqualTo(taken);
    }
  }

  @Test
  void aFlippedBitInWhatIsLeftOfASegmentIsFound() throws Exception {
    SimDisk disk = new SimDisk();
    long at;
    Path file;
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      JournalStream stuck = journal.stream("stuck", StreamOptions.DEFAULT);
      JournalStream busy = journal.stream("busy", StreamOptions.DEFAULT);
      note(journal, busy, 10_000, LONG);
      note(journal, stuck, 100, LONG);
      // each in a commit of its own: one commit is never spread over segments
      for (int i = 0; i < 100; i++) {
        long order = note(journal, busy, 10_000, LONG).order();
        assertThat(journal.awaitForced(order, LONG)).isTrue();
      }
      // the journal's thread sweeps as soon as rows are released
      long before = journal.status().bytes();
      busy.release(busy.next());
      JournalStream.Span span = stuck.spans.getFirst();
      journal.tidy();
      Await.until(
          "room is freed", () -> journal.status().bytes() < before / 2 && span.segment().hollow);
      at = span.lane().firstAt + Layout.HEADER + 50;
      file = span.segment().path;
    }
    disk.flip(file, at * 8);
    try (Journal journal = Journal.open(Workload.HOME, options(disk));
        Reader reader = journal.read(Map.of("stuck", 0L), arrow.get())) {
      Logged only = reader.poll(LONG);
      assertThat(only).isInstanceOf(Logged.Gap.class);
      assertThat(((Logged.Gap) only).cause()).isEqualTo(Gone.DAMAGED);
      assertThat(journal.status().damaged()).isPositive();
    }
  }

  @Test
  void aHollowSegmentHasTheIndexOfWhatStayedSoThatItNeedNotBeRead() throws Exception {
    SimDisk disk = new SimDisk();
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      JournalStream stuck = journal.stream("stuck", StreamOptions.DEFAULT);
      JournalStream busy = journal.stream("busy", StreamOptions.DEFAULT);
      for (int i = 0; i < 600; i++) {
        if (i % 100 == 0) {
          note(journal, stuck, 100, LONG);
          journal.cursor("place").set(new byte[] {(byte) i});
        }
        long order = note(journal, busy, 10_000, LONG).order();
        assertThat(journal.awaitForced(order, LONG)).isTrue();
        busy.release(busy.next());
      }
    }
    Log log = Recovery.run(Workload.HOME, options(disk), false);
    int hollow = 0;
    for (Segment segment : log.segments.values()) {
      SegmentHeader header = segment.header;
      if (header == null || !header.hollow()) {
        continue;
      }
      hollow++;
      try (DiskFile file = disk.open(segment.path, false)) {
        Window window = new Window(Layout.direct(SegmentScan.WINDOW), file);
        HollowCopy.Told told = HollowCopy.told(window, log.id.seed(), header, segment.end);
        assertThat(told).as("index in %s", segment.name()).isNotNull();
        SegmentIndex start = new SegmentIndex();
        told.index().lanes.forEach((id, lane) -> start.lanes.put(id, lane.inherited()));
        SegmentScan scan = new SegmentScan(window, log.id.seed(), segment.size, start, segment.end);
        scan.run();
        assertThat(scan.bad).isEmpty();
        assertThat(told.freed()).isEqualTo(scan.freed);
        assertThat(told.index().lastOrder).isEqualTo(scan.index.lastOrder);
        assertThat(told.index().cursors.keySet()).isEqualTo(scan.index.cursors.keySet());
        told.index()
            .lanes
            .forEach((id, lane) ->
                assertThat(lane)
                    .usingRecursiveComparison()
                    .ignoringFields("last")
                    .isEqualTo(scan.index.lanes.get(id)));
      }
    }
    assertThat(hollow).isPositive();
  }

  private int read(Journal journal, String stream, long from) throws InterruptedException {
    int notes = 0;
    try (Reader reader = journal.read(Map.of(stream, from), arrow.get())) {
      while (!reader.atEnd()) {
        assertThat(reader.poll(LONG)).isInstanceOf(Logged.Note.class);
        notes++;
      }
    }
    return notes;
  }
}
