package kr.madang.plugins.kafka;

import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;

/** Batches to be written. */
final class Batches {
  static final long TIME = 1_767_225_600_123_456_789L;

  private Batches() {}

  /** Samples of tag a whose values are their sequence numbers. */
  static Batch numbers(BufferAllocator allocator, String stream, long epoch, long first, int rows) {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      writer.receivedAt(TIME + 1);
      int tag = writer.tag("a");
      for (int i = 0; i < rows; i++) {
        writer.put(tag, first + i, Quality.GOOD, TIME + first + i);
      }
      return stamped(writer.take(), stream, epoch, first);
    }
  }

  static Batch stamped(Batch batch, String stream, long epoch, long first) {
    try (batch) {
      return batch.retainAs(stream, epoch, first);
    }
  }
}
