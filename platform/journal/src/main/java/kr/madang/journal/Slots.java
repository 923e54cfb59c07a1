package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * A file with two places for a small value; the newest that is whole counts. One thread at once.
 */
final class Slots implements AutoCloseable {
  private static final int MAGIC = 0x5E10_75C3;
  private static final int HEAD = 24;

  private final Disk disk;
  private final Path path;
  private final int slot;
  private final int seed;
  private @Nullable DiskFile file;
  private long counter;
  private byte @Nullable [] value;
  private int damaged;

  private Slots(Disk disk, Path path, int slot, int seed) {
    this.disk = disk;
    this.path = path;
    this.slot = slot;
    this.seed = seed ^ Layout.crc(path.getFileName().toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a file, if there is one.
   *
   * @param seed made of the journal's id: after a power cut a new file may hold what an older one
   *     of another name or journal has left on the disk
   */
  static Slots read(Disk disk, Path path, int slot, int seed) throws IOException {
    Slots slots = new Slots(disk, path, slot, seed);
    try (DiskFile file = disk.open(path, false)) {
      ByteBuffer both = Layout.direct(2 * slot);
      file.read(both, 0);
      both.flip();
      slots.decode(both, 0);
      slots.decode(both, slot);
    } catch (NoSuchFileException e) {
      // it is made by the first set
    }
    return slots;
  }

  private void decode(ByteBuffer both, int at) {
    if (both.limit() < at + HEAD) {
      return;
    }
    int length = both.getInt(at + 4);
    long count = both.getLong(at + 8);
    if (both.getInt(at) == MAGIC
        && length >= 0
        && length <= slot - HEAD
        && at + slot <= both.limit()
        && both.getInt(at + 16) == crc(both, at)) {
      if (value == null || count > counter) {
        counter = count;
        byte[] read = new byte[length];
        both.get(at + HEAD, read);
        value = read;
      }
      return;
    }
    for (int i = at; i < Math.min(at + slot, both.limit()); i++) {
      if (both.get(i) != 0) {
        damaged++;
        return;
      }
    }
  }

  /** Of the whole place: a bit that is turned over behind the value is a sign too. */
  private int crc(ByteBuffer from, int at) {
    return Layout.crc(from, at, 16) * 31 + Layout.crc(from, at + 20, slot - 20) ^ seed;
  }

  int most() {
    return slot - HEAD;
  }

  /** How many of the two places hold something that is not whole. */
  int damaged() {
    return damaged;
  }

  long counter() {
    return counter;
  }

  byte @Nullable [] value() {
    return value;
  }

  /** Goes on from a value that was found elsewhere. */
  void later(long otherCounter, byte @Nullable [] other) {
    counter = otherCounter;
    value = other;
  }

  /** Writes the value to the place that does not hold the newest one. */
  void set(byte[] newest) throws IOException {
    DiskFile to = file;
    if (to == null) {
      to = opened();
      file = to;
    }
    long next = counter + 1;
    ByteBuffer bytes = Layout.direct(slot);
    bytes.putInt(MAGIC).putInt(newest.length).putLong(next).putInt(0).putInt(0).put(newest);
    bytes.putInt(16, crc(bytes, 0));
    to.write(List.of(bytes.clear()), (next & 1) * slot);
    counter = next;
    value = newest;
  }

  void force() throws IOException {
    if (file != null) {
      file.force();
    }
  }

  private DiskFile opened() throws IOException {
    try {
      return disk.open(path, true);
    } catch (NoSuchFileException e) {
      DiskFile made = disk.create(path);
      made.write(List.of(Layout.direct(2 * slot)), 0);
      // else a power cut may leave in its place what a deleted file of this very name held
      made.force();
      return made;
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
