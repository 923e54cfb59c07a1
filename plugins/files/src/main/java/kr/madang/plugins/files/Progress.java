package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * How far one file has been read, and by what it is recognised: the number that the file system
 * gave it and a checksum of its beginning, since such numbers are given again.
 */
final class Progress {
  private static final int MARK = 1024;

  final long inode;

  /** CSV: bytes read. Parquet and Arrow: rows read. */
  long offset;

  /** CSV: line breaks read. */
  long lines;

  /** Nothing is to come any more unless the file changes. */
  boolean done;

  /** The size at which the file was done. */
  long doneSize;

  private int markLength;
  private int markSum;

  // What was seen of it last; not part of a position.
  String name = "";
  long seenSize = -1;
  long seenModified;
  long restingSince;
  private long triedSize = -1;
  private long triedModified;
  private boolean triedRested;

  Progress(long inode) {
    this.inode = inode;
  }

  /** Back to the beginning of a file that has other content now. */
  void restart() {
    offset = 0;
    lines = 0;
    done = false;
    markLength = 0;
    markSum = 0;
    triedSize = -1;
  }

  /** Remembers the beginning of the file, as far as it has been read. */
  void mark(FileChannel channel, long read) throws IOException {
    int length = (int) Math.min(MARK, read);
    if (length > markLength) {
      markSum = sum(channel, length);
      markLength = length;
    }
  }

  /** Whether the file still begins as it did when it was read. */
  boolean recognises(FileChannel channel) throws IOException {
    return channel.size() >= markLength && sum(channel, markLength) == markSum;
  }

  /** Follows the size and time of a file; returns for how long both have not changed. */
  long resting(long size, long modified, long now) {
    if (size != seenSize || modified != seenModified) {
      seenSize = size;
      seenModified = modified;
      restingSince = now;
    }
    return now - restingSince;
  }

  /** Remembers in which state the file was opened. */
  void attempt(FoundFile file, boolean rested) {
    triedSize = file.size();
    triedModified = file.modified();
    triedRested = rested;
  }

  /** Whether the file was opened in this state and gave all that it has. */
  boolean tried(FoundFile file, boolean rested) {
    return triedSize == file.size() && triedModified == file.modified() && (triedRested || !rested);
  }

  private static int sum(FileChannel channel, int length) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(length);
    while (head.hasRemaining() && channel.read(head, head.position()) > 0) {
      // until the buffer is full
    }
    CRC32C sum = new CRC32C();
    sum.update(head.flip());
    return (int) sum.getValue();
  }

  String encode() {
    return Long.toString(inode, 36)
        + ":"
        + offset
        + ":"
        + lines
        + ":"
        + (done ? Long.toString(doneSize) : "")
        + ":"
        + markLength
        + ":"
        + Integer.toHexString(markSum);
  }

  static Progress decode(String text) {
    String[] parts = text.split(":", -1);
    Progress progress = new Progress(Long.parseLong(parts[0], 36));
    progress.offset = Long.parseLong(parts[1]);
    progress.lines = Long.parseLong(parts[2]);
    progress.done = !parts[3].isEmpty();
    progress.doneSize = progress.done ? Long.parseLong(parts[3]) : 0;
    progress.markLength = Integer.parseInt(parts[4]);
    progress.markSum = Integer.parseUnsignedInt(parts[5], 16);
    return progress;
  }
}
