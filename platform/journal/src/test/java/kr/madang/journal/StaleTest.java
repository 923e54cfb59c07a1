package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.journal.disk.DiskFile;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** After a power cut, bytes of deleted files lie where a file was not forced. */
final class StaleTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static JournalOptions options(SimDisk disk) {
    return new JournalOptions(
        disk,
        () -> Instant.parse("2026-01-01T00:00:00Z"),
        Thread.ofPlatform().daemon().factory(),
        4L << 20,
        0,
        256 << 10,
        256 << 10,
        Duration.ZERO,
        false,
        Optional.empty());
  }

  private static void note(Journal journal, int size) throws InterruptedException {
    byte[] bytes = "x".repeat(size).getBytes(StandardCharsets.UTF_8);
    JournalStream stream = journal.stream("s", StreamOptions.DEFAULT);
    long order = journal.append(List.of(Entry.note(stream, bytes)), LONG).order();
    assertThat(journal.awaitForced(order, LONG)).isTrue();
  }

  @Test
  void aMarkOfADeletedSegmentDoesNotMakeATornTailDamage() throws Exception {
    SimDisk disk = new SimDisk();
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      for (int i = 0; i < 10; i++) {
        note(journal, 10_000);
      }
    }
    Log first = Recovery.run(Workload.HOME, options(disk), false);
    ByteBuffer mark = lastMark(first, disk);
    SimDisk crashed;
    try (Journal journal = Journal.open(Workload.HOME, options(disk))) {
      note(journal, 100);
      crashed = disk.crash();
    }
    Log second = Recovery.run(Workload.HOME, options(crashed), false);
    Segment last = second.segments.lastEntry().getValue();
    assertThat(last.number).isGreaterThan(first.segments.lastKey());
    try (DiskFile file = crashed.open(last.path, true)) {
      RecordHeader torn = new RecordHeader(second.id.seed());
      torn.type = Layout.NOTE;
      torn.length = 400;
      torn.order = second.lastOrder + 1;
      torn.bodyCrc = 0x1234_5678;
      ByteBuffer header = Layout.direct(Layout.HEADER);
      torn.write(header, 0);
      file.write(List.of(header.clear()), last.end);
      file.write(List.of(mark), last.end + torn.size());
      file.force();
    }
    try (Journal journal = Journal.open(Workload.HOME, options(crashed));
        Reader reader = journal.read(Map.of("s", 10L), arrow.get())) {
      assertThat(journal.status().damage()).isEmpty();
      assertThat(reader.poll(LONG)).isInstanceOf(Logged.Note.class);
      assertThat(reader.atEnd()).isTrue();
    }
  }

  private static ByteBuffer lastMark(Log log, SimDisk disk) throws Exception {
    Segment segment = log.segments.firstEntry().getValue();
    try (DiskFile file = disk.open(segment.path, false)) {
      Window window = new Window(Layout.direct(SegmentScan.WINDOW), file);
      RecordHeader header = new RecordHeader(log.id.seed());
      ByteBuffer last = Layout.direct(0);
      for (long at = Layout.FIRST; at < segment.end; at += header.size()) {
        int in = window.at(at, Layout.HEADER, segment.end);
        assertThat(header.read(window.buffer, in)).isTrue();
        if (header.type == Layout.MARK) {
          last = Layout.direct(Layout.HEADER + Layout.padded(header.length));
          file.read(last, at);
          last.flip();
        }
      }
      return last;
    }
  }
}
