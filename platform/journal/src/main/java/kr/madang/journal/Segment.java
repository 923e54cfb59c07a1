package kr.madang.journal;

import java.io.IOException;
import java.nio.file.Path;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** One file of the log, and what is known of it. */
final class Segment {
  static final String SUFFIX = ".seg";

  final long number;
  final Path path;
  final @Nullable SegmentHeader header;
  final SegmentIndex index;

  /** Readers may read up to here. */
  volatile long end;

  /** Whether nothing more will come into it. */
  volatile boolean sealed;

  /** Bytes of the file. */
  volatile long size;

  /** Bytes that it takes on the disk: fewer than its size if there are holes in it. */
  volatile long allocated;

  /** Whether holes are in it, or may be any moment. */
  volatile boolean hollow;

  private @Nullable DiskFile shared;
  private int users;

  Segment(
      long number,
      Path path,
      @Nullable SegmentHeader header,
      SegmentIndex index,
      long end,
      long size,
      boolean sealed) {
    this.number = number;
    this.path = path;
    this.header = header;
    this.index = index;
    this.end = end;
    this.size = size;
    this.allocated = size;
    this.sealed = sealed;
  }

  static String name(long number) {
    return String.format("%010d", number) + SUFFIX;
  }

  /** The number in a file's name, or -1. */
  static long number(String name) {
    if (!name.matches("[0-9]{10,18}\\.seg")) {
      return -1;
    }
    return Long.parseLong(name, 0, name.length() - SUFFIX.length(), 10);
  }

  String name() {
    return String.valueOf(path.getFileName());
  }

  /** The file for reading; each call needs a {@link #release}. */
  synchronized DiskFile acquire(Disk disk) throws IOException {
    DiskFile file = shared;
    if (file == null) {
      file = disk.open(path, false);
      shared = file;
    }
    users++;
    return file;
  }

  synchronized void release() {
    DiskFile file = shared;
    if (--users == 0 && file != null) {
      shared = null;
      try {
        file.close();
      } catch (IOException e) {
        // it was only read
      }
    }
  }
}
