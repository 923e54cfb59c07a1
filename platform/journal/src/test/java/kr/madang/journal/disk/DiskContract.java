package kr.madang.journal.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is true of every disk. */
abstract class DiskContract {
  @TempDir Path home;

  abstract Disk disk();

  @Test
  void manyBuffersAreWrittenInARowAndReadBack() throws IOException {
    Disk disk = disk();
    Path folder = home.resolve("a/b");
    disk.makeFolder(folder);
    byte[] all = new byte[3 << 20];
    Random random = new Random(7);
    random.nextBytes(all);
    List<ByteBuffer> buffers = new ArrayList<>();
    for (int at = 0; at < all.length; ) {
      int length = random.nextInt(20) == 0 ? random.nextInt(700_000) : random.nextInt(3_000);
      length = Math.min(length, all.length - at);
      buffers.add(ByteBuffer.wrap(all, at, length));
      at += length;
    }
    try (DiskFile file = disk.create(folder.resolve("f"))) {
      file.write(buffers, 11);
      file.write(List.of(ByteBuffer.wrap(new byte[] {1, 2})), 0);
      file.force();
      disk.forceFolder(folder);
      assertThat(file.size()).isEqualTo(all.length + 11);
    }
    try (DiskFile file = disk.open(folder.resolve("f"), false)) {
      ByteBuffer read = ByteBuffer.allocate(all.length + 100);
      assertThat(file.read(read, 11)).isEqualTo(all.length);
      assertThat(Arrays.copyOf(read.array(), all.length)).isEqualTo(all);
      assertThat(file.read(read.position(0), all.length + 11)).isZero();
      assertThat(file.read(read.position(0), all.length + 999)).isZero();
      assertThat(file.read(read.position(0).limit(4), 0)).isEqualTo(4);
      assertThat(Arrays.copyOf(read.array(), 4)).containsExactly(1, 2, 0, 0);
    }
  }

  @Test
  void namesAreMadeRenamedOverOthersAndDeleted() throws IOException {
    Disk disk = disk();
    disk.makeFolder(home);
    disk.makeFolder(home);
    Path a = home.resolve("a");
    Path b = home.resolve("b");
    disk.create(a).close();
    try (DiskFile file = disk.create(b)) {
      file.write(List.of(ByteBuffer.wrap(new byte[5])), 0);
    }
    disk.makeFolder(home.resolve("c"));
    assertThat(disk.list(home)).containsExactly("a", "b", "c");
    assertThat(disk.list(home.resolve("none"))).isEmpty();
    assertThatThrownBy(() -> disk.create(a)).isInstanceOf(FileAlreadyExistsException.class);
    disk.rename(b, a);
    assertThat(disk.list(home)).containsExactly("a", "c");
    try (DiskFile file = disk.open(a, true)) {
      assertThat(file.size()).isEqualTo(5);
    }
    assertThatThrownBy(() -> disk.open(b, true)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> disk.rename(b, a)).isInstanceOf(NoSuchFileException.class);
    disk.delete(a);
    disk.delete(a);
    assertThat(disk.list(home)).containsExactly("c");
    disk.forceFolder(home);
    assertThat(disk.usable(home.resolve("d"))).isPositive();
  }

  @Test
  void anInterruptedThreadGoesOnAndStaysInterrupted() throws IOException {
    Disk disk = disk();
    Thread.currentThread().interrupt();
    try {
      disk.makeFolder(home.resolve("x"));
      try (DiskFile file = disk.create(home.resolve("x/f"))) {
        file.write(List.of(ByteBuffer.wrap(new byte[5]), ByteBuffer.wrap(new byte[5])), 0);
        file.force();
        assertThat(file.read(ByteBuffer.allocate(10), 0)).isEqualTo(10);
      }
      disk.forceFolder(home.resolve("x"));
      disk.rename(home.resolve("x/f"), home.resolve("x/g"));
      assertThat(disk.list(home.resolve("x"))).containsExactly("g");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void aFileThatWasOpenedForReadingIsNotWritten() throws IOException {
    Disk disk = disk();
    disk.makeFolder(home);
    disk.create(home.resolve("f")).close();
    try (DiskFile file = disk.open(home.resolve("f"), false)) {
      assertThatThrownBy(() -> file.write(List.of(ByteBuffer.allocate(1)), 0))
          .satisfiesAnyOf(
              e -> assertThat(e).isInstanceOf(IOException.class),
              e -> assertThat(e).isInstanceOf(java.nio.channels.NonWritableChannelException.class));
    }
  }

  @Test
  void aDeletedFileIsReadToItsEndByWhoHasItOpen() throws IOException {
    Disk disk = disk();
    disk.makeFolder(home);
    try (DiskFile file = disk.create(home.resolve("f"))) {
      file.write(List.of(ByteBuffer.wrap(new byte[] {9})), 0);
      disk.delete(home.resolve("f"));
      ByteBuffer read = ByteBuffer.allocate(1);
      assertThat(file.read(read, 0)).isEqualTo(1);
      assertThat(read.get(0)).isEqualTo((byte) 9);
    }
  }
}
