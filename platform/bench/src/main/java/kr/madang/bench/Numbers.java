package kr.madang.bench;

import java.time.Duration;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import org.apache.arrow.memory.BufferAllocator;

/** Samples of 50 tags with values such as 21.375. */
final class Numbers implements LogSource {
  private static final long TIME = 1_767_225_600_123_456_789L;
  private static final int ROWS_A_BATCH = 8_192;

  private final SampleWriter writer;
  private final int[] tags = new int[50];
  private long row;

  Numbers(BufferAllocator allocator) {
    this.writer = new SampleWriter(allocator);
    for (int i = 0; i < tags.length; i++) {
      tags[i] = writer.tag("line1/tag" + i);
    }
  }

  @Override
  public Poll poll(Duration atMost) {
    writer.receivedAt(TIME + row);
    for (int i = 0; i < ROWS_A_BATCH; i++, row++) {
      writer.put(tags[(int) (row % tags.length)], row % 1_000 / 8.0, Quality.GOOD, TIME + row);
    }
    return new Poll.Rows(writer.take(), new Position(Long.toString(row)));
  }

  @Override
  public void close() {
    writer.close();
  }
}
