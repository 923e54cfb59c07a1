package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** Reads ahead in a file, so that many small records cost few reads. One thread. */
final class Window {
  private static final int STEP = 64 << 10;

  final ByteBuffer buffer;
  private DiskFile file;
  private long start;
  private int filled;

  /** A window over a file; the buffer's capacity is what is read at once. */
  Window(ByteBuffer buffer, DiskFile file) {
    this.buffer = buffer;
    this.file = file;
  }

  DiskFile file() {
    return file;
  }

  /** Goes over to another file. */
  void over(DiskFile other) {
    file = other;
    filled = 0;
  }

  /** Forgets what was read, since it may have been written since. */
  void forget() {
    filled = 0;
  }

  /**
   * Where in the buffer the bytes at a position of the file stand.
   *
   * @param need at most the buffer's capacity
   * @param limit the file is not read beyond it
   * @return -1 if the file has fewer bytes
   */
  int at(long position, int need, long limit) throws IOException {
    if (position >= start && position + need <= start + filled) {
      return (int) (position - start);
    }
    if (position + need > limit) {
      return -1;
    }
    filled = 0;
    start = position;
    buffer.clear().limit((int) Math.min(buffer.capacity(), limit - position));
    filled = file.read(buffer, position);
    buffer.clear();
    return filled >= need ? 0 : -1;
  }

  /** Whether bytes lie in the buffer already. */
  boolean holds(long position, int length) {
    return position >= start && position + length <= start + filled;
  }

  /** The checksum of bytes of the file, or -1 if there are fewer. */
  long crc(CRC32C crc, long position, int length, long limit) throws IOException {
    if (position + length > limit) {
      return -1;
    }
    crc.reset();
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, holds(position + done, length - done) ? length : STEP);
      part = Math.min(part, buffer.capacity());
      int at = at(position + done, part, limit);
      if (at < 0) {
        return -1;
      }
      crc.update(buffer.slice(at, part));
      done += part;
    }
    return crc.getValue();
  }

  /** Copies bytes of the file; null if there are fewer. */
  byte @Nullable [] bytes(long position, int length, long limit) throws IOException {
    if (position + length > limit) {
      return null;
    }
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, buffer.capacity());
      int at = at(position + done, part, limit);
      if (at < 0) {
        return null;
      }
      buffer.get(at, bytes, done, part);
      done += part;
    }
    return bytes;
  }
}
