package kr.madang.sdk.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchTest {
  private final RootAllocator allocator = new RootAllocator(1 << 26);

  @AfterEach
  void nothingIsLeft() {
    allocator.close();
  }

  @Test
  void samplesComeBackAsTheyWereWritten() {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      writer.receivedAt(1_000);
      writer.put("pump1/current", 4.5);
      writer.put("pump1/pressure", 2.5, Quality.UNCERTAIN, 900);
      writer.bad("pump1/current", Quality.BAD_SENSOR_FAILURE);
      writer.putLong(writer.tag("count"), Long.MAX_VALUE, Quality.GOOD, SampleWriter.NO_TIME);
      writer.putText(writer.tag("state"), "läuft", Quality.GOOD, SampleWriter.NO_TIME);
      writer.putBytes(writer.tag("image"), new byte[] {1, 2}, Quality.GOOD, SampleWriter.NO_TIME);
      try (Batch batch = writer.take()) {
        Samples samples = Samples.of(batch);
        assertThat(samples.rows()).isEqualTo(6);
        assertThat(samples.tagName(samples.tag(2))).isEqualTo("pump1/current");
        assertThat(samples.value(0)).isEqualTo(4.5);
        assertThat(samples.time(0)).isEqualTo(1_000);
        assertThat(samples.time(1)).isEqualTo(900);
        assertThat(samples.receiveTime(1)).isEqualTo(1_000);
        assertThat(Quality.isUncertain(samples.status(1))).isTrue();
        assertThat(samples.hasValue(2)).isFalse();
        assertThat(Quality.name(samples.status(2))).isEqualTo("Bad_SensorFailure");
        assertThat(samples.longValue(3)).isEqualTo(Long.MAX_VALUE);
        assertThat(samples.text(4)).isEqualTo("läuft");
        assertThat(samples.bytes(5)).containsExactly(1, 2);
      }
    }
  }

  @Test
  void manyRowsGrowTheColumnsAndKeepEveryValue() {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      int tag = writer.tag("t");
      for (int i = 0; i < 100_000; i++) {
        writer.put(tag, i, Quality.GOOD, i);
      }
      try (Batch batch = writer.take()) {
        Samples samples = Samples.of(batch);
        for (int i = 0; i < 100_000; i++) {
          assertThat(samples.value(i)).isEqualTo(i);
          assertThat(samples.time(i)).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void batchesOfOneWriterShareTheirTagsUntilANewOneComes() {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      writer.put("a", 1);
      try (Batch first = writer.take()) {
        writer.put("a", 2);
        try (Batch second = writer.take()) {
          assertThat(Samples.of(second).tagsIdentity()).isSameAs(Samples.of(first).tagsIdentity());
          writer.put("b", 3);
          try (Batch third = writer.take()) {
            assertThat(Samples.of(third).tagsIdentity())
                .isNotSameAs(Samples.of(first).tagsIdentity());
            assertThat(Samples.of(third).tagName(1)).isEqualTo("b");
          }
        }
      }
    }
  }

  @Test
  void memoryGoesWithTheLastHolder() {
    Batch first;
    try (SampleWriter writer = new SampleWriter(allocator)) {
      writer.put("a", 1);
      first = writer.take();
    }
    Batch second = first.retainAs("s", 2, 3);
    first.close();
    first.close();
    assertThat(second.rows()).isEqualTo(1);
    assertThat(second.sequence()).isEqualTo(3);
    assertThatThrownBy(first::root).hasMessageContaining("closed");
    assertThat(allocator.getAllocatedMemory()).isPositive();
    second.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
  }

  @Test
  void aFieldThatWasNotSetIsMissingAndBad() {
    Schema schema =
        Frames.schema(
            List.of(
                Frames.field("x", Frames.DOUBLE, "bar", "pump1/pressure"),
                Frames.field("n", new ArrowType.Int(64, true), "", ""),
                Frames.field("s", ArrowType.Utf8.INSTANCE, "", "")));
    try (FrameWriter writer = new FrameWriter(allocator, schema)) {
      for (int i = 0; i < 5_000; i++) {
        writer.begin(i);
        if (i % 2 == 0) {
          writer.set(0, i, Quality.GOOD);
          writer.setLong(1, i, Quality.GOOD);
          writer.setText(2, "text " + i, Quality.GOOD);
        }
      }
      try (Batch batch = writer.take()) {
        assertThat(Frames.fields(batch.schema())).hasSize(3);
        Float8Vector x = (Float8Vector) batch.root().getVector("x");
        assertThat(x.get(4_000)).isEqualTo(4_000);
        assertThat(x.isNull(4_001)).isTrue();
        assertThat(batch.root().getVector("x#status").getObject(4_001))
            .isEqualTo(Quality.BAD_NO_DATA);
        assertThat(batch.root().getVector("s").getObject(4_998)).hasToString("text 4998");
      }
    }
  }

  @Test
  void theWorseOfTwoStatusesWins() {
    assertThat(Quality.worst(Quality.GOOD, Quality.UNCERTAIN)).isEqualTo(Quality.UNCERTAIN);
    assertThat(Quality.worst(Quality.BAD_NO_DATA, Quality.BAD)).isEqualTo(Quality.BAD_NO_DATA);
    assertThat(Quality.worst(Quality.UNCERTAIN, Quality.BAD)).isEqualTo(Quality.BAD);
  }
}
