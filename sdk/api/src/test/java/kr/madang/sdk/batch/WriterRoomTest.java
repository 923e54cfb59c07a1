package kr.madang.sdk.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriterRoomTest {
  private static final int LONG = 100_000;
  private static final int SHORT = 10;

  private final RootAllocator allocator = new RootAllocator();

  @AfterEach
  void nothingIsLeft() {
    allocator.close();
  }

  private long taken(Batch batch) {
    try (batch) {
      return allocator.getAllocatedMemory();
    }
  }

  @Test
  void oneLongBatchOfSamplesDoesNotMakeTheShortOnesAfterItAsBig() {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      long most = samples(writer, LONG);
      long last = most;
      for (int i = 0; i < 20; i++) {
        last = samples(writer, SHORT);
      }
      assertThat(last).isLessThan(most / 100);
    }
  }

  private long samples(SampleWriter writer, int rows) {
    for (int i = 0; i < rows; i++) {
      writer.put("a", i);
    }
    return taken(writer.take());
  }

  @Test
  void oneLongBatchOfFramesDoesNotEither() {
    Schema schema = Frames.schema(List.of(Frames.field("x", Frames.DOUBLE, "", "")));
    try (FrameWriter writer = new FrameWriter(allocator, schema)) {
      long most = frames(writer, LONG);
      long last = most;
      for (int i = 0; i < 20; i++) {
        last = frames(writer, SHORT);
      }
      assertThat(last).isLessThan(most / 100);
    }
  }

  private long frames(FrameWriter writer, int rows) {
    for (int i = 0; i < rows; i++) {
      writer.begin(i);
      writer.set(0, i * 0.5, Quality.GOOD);
    }
    return taken(writer.take());
  }
}
