package kr.madang.control.archive;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamOptions;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;

/** A journal with samples in one stream and frames in another, written and closed. */
final class Notebook {
  static final String SAMPLES = "line/device";
  static final String FRAMES = "line/out";
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Notebook() {}

  static JournalOptions options(String workspace) {
    return JournalOptions.of(
        new RealDisk(),
        InstantSource.fixed(START),
        Thread.ofPlatform().daemon().name("journal-", 0).factory());
  }

  /**
   * Writes batches.
   *
   * @param batches of 10 rows in each stream; tags are added on the way
   */
  static void write(Path folder, int batches, BufferAllocator allocator)
      throws InterruptedException {
    try (Journal journal = Journal.open(folder.resolve("default"), options("default"));
        SampleWriter samples = new SampleWriter(allocator);
        FrameWriter frames =
            new FrameWriter(
                allocator,
                Frames.schema(List.of(Frames.field("flow", Frames.DOUBLE, "l/s", ""))))) {
      JournalStream device = journal.stream(SAMPLES, StreamOptions.DEFAULT);
      JournalStream out = journal.stream(FRAMES, StreamOptions.DEFAULT);
      journal.stream("line!state", StreamOptions.DEFAULT);
      long last = 0;
      for (int batch = 0; batch < batches; batch++) {
        for (int row = 0; row < 10; row++) {
          int number = batch * 10 + row;
          samples.receivedAt(number);
          samples.put("tag" + number % (batch + 1), number, Quality.GOOD, number);
          frames.begin(number);
          frames.set(0, number / 2.0, Quality.GOOD);
        }
        try (Batch one = samples.take();
            Batch two = frames.take()) {
          last =
              journal
                  .append(
                      List.of(
                          Entry.rows(device, one, new byte[] {1}),
                          Entry.rows(out, two, new byte[0])),
                      Duration.ofSeconds(5))
                  .order();
        }
      }
      if (!journal.awaitForced(last, Duration.ofSeconds(10))) {
        throw new AssertionError("the journal does not force");
      }
    }
  }
}
