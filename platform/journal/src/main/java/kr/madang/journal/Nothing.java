package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.List;
import kr.madang.journal.disk.DiskFile;

/** A file without a byte. */
final class Nothing implements DiskFile {
  static final DiskFile FILE = new Nothing();

  private Nothing() {}

  @Override
  public long size() {
    return 0;
  }

  @Override
  public void write(List<ByteBuffer> from, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer into, long position) {
    return 0;
  }

  @Override
  public void force() {}

  @Override
  public void close() {}
}
