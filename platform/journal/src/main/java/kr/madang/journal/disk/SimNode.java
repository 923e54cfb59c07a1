package kr.madang.journal.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of one simulated file: what a reader sees now, and by sector what the medium may hold
 * instead. Guarded by its disk.
 */
final class SimNode {
  static final int SECTOR = 512;
  private static final int BLOCK = 4096;

  /** What the medium may hold in place of a sector. */
  private static final class Unforced {
    // the forced content first, then each one written since
    final List<byte[]> versions = new ArrayList<>();
    // a force failed after the last write: the system takes it as written, and later forces too
    boolean forgotten;
  }

  private byte[] bytes = new byte[0];
  private int size;
  private int forcedSize;
  private final List<Integer> sizes = new ArrayList<>();
  private final Map<Integer, Unforced> unforced = new TreeMap<>();

  int size() {
    return size;
  }

  /** Writes what remains in a buffer. */
  void write(ByteBuffer from, long position) {
    int at = Math.toIntExact(position);
    int end = Math.toIntExact(position + from.remaining());
    if (end == at) {
      return;
    }
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, roundUp(Math.max(end, bytes.length + bytes.length / 2)));
    }
    for (int sector = Math.min(at, size) / SECTOR; sector <= (end - 1) / SECTOR; sector++) {
      if (!unforced.containsKey(sector)) {
        Unforced first = new Unforced();
        first.versions.add(sector(sector));
        unforced.put(sector, first);
      }
    }
    from.get(bytes, at, end - at);
    if (end > size) {
      size = end;
      sizes.add(end);
    }
    for (int sector = at / SECTOR; sector <= (end - 1) / SECTOR; sector++) {
      Unforced changed = unforced.get(sector);
      if (changed != null) {
        changed.versions.add(sector(sector));
        changed.forgotten = false;
      }
    }
  }

  int read(ByteBuffer into, long position) {
    if (position >= size) {
      return 0;
    }
    int count = (int) Math.min(into.remaining(), size - position);
    into.put(bytes, (int) position, count);
    return count;
  }

  void force() {
    unforced.values().removeIf(sector -> !sector.forgotten);
    sizes.clear();
    forcedSize = size;
  }

  /** What a failed force does: nothing is safer than before, but the system thinks so. */
  void forget() {
    unforced.values().forEach(sector -> sector.forgotten = true);
  }

  boolean isForced() {
    return unforced.isEmpty() && forcedSize == size;
  }

  /** The same, on a disk that another process uses. */
  SimNode copy() {
    SimNode copy = new SimNode();
    copy.bytes = bytes.clone();
    copy.size = size;
    copy.forcedSize = forcedSize;
    copy.sizes.addAll(sizes);
    unforced.forEach((sector, from) -> {
      Unforced to = new Unforced();
      to.versions.addAll(from.versions);
      to.forgotten = from.forgotten;
      copy.unforced.put(sector, to);
    });
    return copy;
  }

  /**
   * What may be left of it after a power cut.
   *
   * @param kept the share of unforced sectors that are on the medium
   * @param stale content of a deleted file, whose blocks this one may have got; null for none
   */
  SimNode afterPowerCut(Random random, double kept, @Nullable SimNode stale) {
    SimNode left = new SimNode();
    left.bytes = bytes.clone();
    left.size = sizeAfter(random, kept);
    left.forcedSize = left.size;
    int garbage = random.nextInt(10);
    unforced.forEach((sector, held) -> {
      int last = held.versions.size() - 1;
      if (random.nextDouble() < kept) {
        // mostly the latest, for a sector that changed often any one
        int version = random.nextBoolean() ? last : 1 + random.nextInt(Math.max(1, last));
        left.put(sector, held.versions.get(Math.min(version, last)));
      } else if (sector * (long) SECTOR < forcedSize || garbage < 6) {
        left.put(sector, held.versions.getFirst());
      } else if (garbage < 8 && stale != null) {
        left.put(sector, stale.sector(sector));
      } else {
        byte[] any = new byte[SECTOR];
        random.nextBytes(any);
        left.put(sector, any);
      }
    });
    Arrays.fill(left.bytes, left.size, left.bytes.length, (byte) 0);
    return left;
  }

  /** Turns a bit over on the medium. */
  void flip(long bit) {
    bytes[Math.toIntExact(bit / 8)] ^= (byte) (1 << bit % 8);
  }

  /** Makes it shorter on the medium. */
  void cut(long length) {
    size = (int) Math.min(size, length);
    forcedSize = Math.min(forcedSize, size);
    sizes.clear();
    Arrays.fill(bytes, size, bytes.length, (byte) 0);
  }

  byte[] content() {
    return Arrays.copyOf(bytes, size);
  }

  private int sizeAfter(Random random, double kept) {
    if (size == forcedSize) {
      return size;
    }
    if (random.nextDouble() < kept) {
      return size;
    }
    return switch (random.nextInt(3)) {
      case 0 -> forcedSize;
      case 1 -> sizes.get(random.nextInt(sizes.size()));
      default ->
          Math.max(forcedSize, (forcedSize + random.nextInt(size - forcedSize)) / BLOCK * BLOCK);
    };
  }

  private byte[] sector(int sector) {
    byte[] copy = new byte[SECTOR];
    int at = sector * SECTOR;
    if (at < size) {
      System.arraycopy(bytes, at, copy, 0, Math.min(SECTOR, size - at));
    }
    return copy;
  }

  private void put(int sector, byte[] content) {
    System.arraycopy(content, 0, bytes, sector * SECTOR, SECTOR);
  }

  private static int roundUp(int length) {
    return Math.addExact(length, SECTOR - 1) / SECTOR * SECTOR;
  }
}
