package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** An open file. Reads may come from several threads at once, writes from one. */
public interface DiskFile extends AutoCloseable {

  /** The length in bytes. */
  long size() throws IOException;

  /**
   * Writes all that remains in the buffers, one after the other, from a position on. A write beyond
   * the end makes the file longer.
   */
  void write(List<ByteBuffer> from, long position) throws IOException;

  /**
   * Reads until the buffer is full or the file ends.
   *
   * @return bytes read, fewer than remained in the buffer only at the end of the file
   */
  int read(ByteBuffer into, long position) throws IOException;

  /** Returns when everything written is on the medium, and the length if it has grown. */
  void force() throws IOException;

  /** Frees the file; forces nothing. */
  @Override
  void close() throws IOException;
}
