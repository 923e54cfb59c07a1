package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;

/** What was found broken; each thing once. Any thread. */
final class Damages {
  static final String FOLDER = "damaged";
  private static final int KEPT = 100;
  private static final int REMEMBERED = 100_000;
  private static final int STEP = 256 << 10;

  private final Disk disk;
  private final Path folder;
  private final InstantSource clock;
  private final boolean copy;
  private final Set<String> known = new HashSet<>();
  private final Deque<Damage> latest = new ArrayDeque<>();
  private long total;

  /**
   * A register without entries.
   *
   * @param folder of the journal
   * @param copy whether what is damaged is copied aside
   */
  Damages(Disk disk, Path folder, InstantSource clock, boolean copy) {
    this.disk = disk;
    this.folder = folder;
    this.clock = clock;
    this.copy = copy;
  }

  /** Notes something; false if it was known. */
  synchronized boolean found(String file, long at, String what) {
    if (known.size() >= REMEMBERED || !known.add(file + '@' + at)) {
      return false;
    }
    total++;
    latest.addLast(new Damage(clock.instant(), file, at, what));
    if (latest.size() > KEPT) {
      latest.removeFirst();
    }
    return true;
  }

  /** Copies bytes of a file aside and notes them; false if they were known. */
  boolean found(String name, DiskFile file, long at, long length, String what) {
    synchronized (this) {
      if (known.contains(name + '@' + at)) {
        return false;
      }
    }
    return found(name, at, what + (copy ? "; " + copied(name, file, at, length) : ""));
  }

  synchronized List<Damage> latest() {
    return List.copyOf(latest);
  }

  synchronized long total() {
    return total;
  }

  private String copied(String name, DiskFile file, long at, long length) {
    String copy = name + "-" + at + ".bin";
    try {
      Path to = folder.resolve(FOLDER);
      disk.makeFolder(to);
      try (DiskFile out = disk.create(to.resolve(copy))) {
        ByteBuffer step = Layout.direct((int) Math.min(STEP, Math.max(length, 1)));
        long done = 0;
        while (done < length) {
          step.clear().limit((int) Math.min(step.capacity(), length - done));
          int got = file.read(step, at + done);
          if (got <= 0) {
            break;
          }
          out.write(List.of(step.flip()), done);
          done += got;
        }
      }
      return "its " + length + " bytes were skipped; a copy is in " + FOLDER + "/" + copy;
    } catch (FileAlreadyExistsException e) {
      return "its " + length + " bytes were skipped; a copy is in " + FOLDER + "/" + copy;
    } catch (IOException e) {
      return "its " + length + " bytes were skipped; no copy could be made: " + e;
    }
  }
}
