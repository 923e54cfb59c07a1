package kr.madang.journal.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SlowDiskTest extends DiskContract {
  @Override
  Disk disk() {
    SlowDisk slow = new SlowDisk(new SimDisk());
    slow.write(Duration.ofMillis(1));
    slow.force(Duration.ofMillis(1));
    slow.read(Duration.ofNanos(1));
    return slow;
  }

  @Test
  void everyOperationIsAsSlowAsItWasTold() throws IOException {
    List<Duration> waits = new ArrayList<>();
    SlowDisk slow = new SlowDisk(new SimDisk(), waits::add);
    slow.write(Duration.ofMillis(1));
    slow.read(Duration.ofMillis(2));
    slow.force(Duration.ofMillis(200));
    slow.makeFolder(home);
    try (DiskFile file = slow.create(home.resolve("f"))) {
      file.write(List.of(ByteBuffer.allocate(1)), 0);
      file.read(ByteBuffer.allocate(1), 0);
      file.force();
      slow.force(Duration.ZERO);
      file.force();
      slow.force(Duration.ofMillis(3));
      slow.forceFolder(home);
    }
    assertThat(waits)
        .containsExactly(
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofMillis(200),
            Duration.ofMillis(3));
  }
}
