package kr.madang.journal;

import java.io.IOException;
import java.nio.file.Path;
import kr.madang.journal.disk.Disk;

/**
 * The file {@code oldest}: the number of the oldest segment that is needed. It is written before
 * older ones are deleted, so that a segment that somebody else took away is missed.
 */
final class Oldest {
  private static final String FILE = "oldest";
  private static final int SLOT = 512;

  private Oldest() {}

  static long read(Disk disk, Path folder, Damages damages) throws IOException {
    try (Slots slots = Slots.read(disk, folder.resolve(FILE), SLOT, 0)) {
      if (slots.damaged() > 0) {
        damages.found(FILE, 0, slots.damaged() + " of its two places cannot be read");
      }
      byte[] value = slots.value();
      return value == null || value.length != 8 ? 0 : Bytes.of(value).getLong();
    }
  }

  static void write(Disk disk, Path folder, long oldest) throws IOException {
    try (Slots slots = Slots.read(disk, folder.resolve(FILE), SLOT, 0)) {
      slots.set(new Bytes().int64(oldest).take());
      slots.force();
      // also if the file was there: who made it may have ended before its name was safe
      disk.forceFolder(folder);
    }
  }
}
