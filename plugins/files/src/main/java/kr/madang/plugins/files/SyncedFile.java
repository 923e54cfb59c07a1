package kr.madang.plugins.files;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * A file under a temporary name that counts its bytes and is forced to disk before it gets its own.
 * A stream underneath, not a channel: an interrupted thread would close that.
 */
final class SyncedFile extends OutputStream implements WritableByteChannel {
  private final FileOutputStream file;
  private final BufferedOutputStream out;
  private final byte[] one = new byte[1];
  private long count;
  private boolean open = true;

  SyncedFile(Path path) throws IOException {
    file = new FileOutputStream(path.toFile());
    out = new BufferedOutputStream(file, 1 << 16);
  }

  /** The bytes written so far. */
  long count() {
    return count;
  }

  @Override
  public void write(int b) throws IOException {
    one[0] = (byte) b;
    write(one, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    count += length;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (bytes.hasArray()) {
      write(bytes.array(), bytes.arrayOffset() + bytes.position(), length);
      bytes.position(bytes.limit());
    } else {
      byte[] copy = new byte[Math.min(length, 1 << 16)];
      while (bytes.hasRemaining()) {
        int part = Math.min(copy.length, bytes.remaining());
        bytes.get(copy, 0, part);
        write(copy, 0, part);
      }
    }
    return length;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Forces all that was written to disk. */
  void force() throws IOException {
    out.flush();
    file.getFD().sync();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Does nothing: writers close what they write to before it has been forced. */
  @Override
  public void close() {}

  /** Closes the file; what was not forced may be lost. */
  void release() throws IOException {
    open = false;
    file.close();
  }
}
