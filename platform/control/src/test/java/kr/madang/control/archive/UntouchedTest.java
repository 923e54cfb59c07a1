package kr.madang.control.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import kr.madang.journal.disk.DiskFile;
import kr.madang.journal.disk.RealDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UntouchedTest {
  @TempDir Path folder;
  private final Untouched disk = new Untouched(new RealDisk());

  @Test
  void whatIsWrittenIsSeenHereAndNotBelow() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "0123456789");
    DiskFile open = disk.open(file, true);
    open.write(List.of(bytes("xy"), bytes("z")), 3);
    open.write(List.of(bytes("end")), 200_000);
    open.force();
    assertThat(read(open, 0, 10)).isEqualTo("012xyz6789");
    assertThat(open.size()).isEqualTo(200_003);
    assertThat(read(disk.open(file, false), 200_000, 10)).isEqualTo("end");
    assertThat(Files.readString(file)).isEqualTo("0123456789");
    disk.close();
  }

  @Test
  void namesComeAndGoHereOnly() throws IOException {
    Path a = Files.writeString(folder.resolve("a"), "old");
    Path b = Files.writeString(folder.resolve("b"), "other");
    disk.delete(b);
    disk.create(folder.resolve("c")).write(List.of(bytes("new")), 0);
    disk.rename(a, b);
    disk.makeFolder(folder.resolve("sub"));
    assertThat(disk.list(folder)).containsExactly("b", "c");
    assertThat(read(disk.open(b, false), 0, 10)).isEqualTo("old");
    assertThatThrownBy(() -> disk.open(a, false)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk.create(b)).isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> disk.rename(a, b)).isInstanceOf(NoSuchFileException.class);
    try (var left = Files.list(folder)) {
      assertThat(left.sorted()).containsExactly(a, b);
    }
    assertThat(Files.readString(b)).isEqualTo("other");
    disk.close();
  }

  @Test
  void itReadsAsAFileWouldWhateverIsWritten() throws IOException {
    Random random = new Random(7);
    byte[] before = new byte[300_000];
    random.nextBytes(before);
    Path below = Files.write(folder.resolve("below"), before);
    Path twin = Files.write(folder.resolve("twin"), before);
    DiskFile here = disk.open(below, true);
    try (DiskFile real = new RealDisk().open(twin, true)) {
      for (int i = 0; i < 300; i++) {
        byte[] some = new byte[random.nextInt(100_000)];
        if (random.nextInt(3) > 0) {
          random.nextBytes(some);
        }
        long at = random.nextInt(700_000);
        here.write(List.of(ByteBuffer.wrap(some)), at);
        real.write(List.of(ByteBuffer.wrap(some)), at);
        assertThat(here.size()).isEqualTo(real.size());
        ByteBuffer one = ByteBuffer.allocate(50_000);
        ByteBuffer two = ByteBuffer.allocate(50_000);
        long from = random.nextInt(800_000);
        assertThat(here.read(one, from)).isEqualTo(real.read(two, from));
        assertThat(one.flip()).isEqualTo(two.flip());
      }
    }
    assertThat(Files.readAllBytes(below)).isEqualTo(before);
    disk.close();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(DiskFile file, long position, int most) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(most);
    file.read(into, position);
    return StandardCharsets.UTF_8.decode(into.flip()).toString();
  }
}
