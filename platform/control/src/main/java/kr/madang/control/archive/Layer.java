package kr.madang.control.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * A file over another: pages that were written lie in memory, the others are read from below. Pages
 * of zeros that were never anything else take no room: segments are made long in advance.
 */
final class Layer implements DiskFile {
  private static final int PAGE = 64 << 10;

  private final @Nullable DiskFile below;
  private final Map<Long, byte[]> pages = new HashMap<>();
  private final long known;
  private long size;

  Layer(@Nullable DiskFile below) throws IOException {
    this.below = below;
    this.known = below == null ? 0 : below.size();
    this.size = known;
  }

  @Override
  public synchronized long size() {
    return size;
  }

  @Override
  public synchronized void write(List<ByteBuffer> from, long position) throws IOException {
    long at = position;
    for (ByteBuffer next : from) {
      while (next.hasRemaining()) {
        int offset = (int) (at % PAGE);
        int count = Math.min(next.remaining(), PAGE - offset);
        put(at / PAGE, offset, next, count);
        at += count;
      }
    }
    size = Math.max(size, at);
  }

  private void put(long number, int offset, ByteBuffer from, int count) throws IOException {
    byte[] page = pages.get(number);
    if (page == null) {
      if (number * PAGE >= known && zeros(from, count)) {
        from.position(from.position() + count);
        return;
      }
      page = new byte[PAGE];
      if (below != null && number * PAGE < known) {
        below.read(ByteBuffer.wrap(page), number * PAGE);
      }
      pages.put(number, page);
    }
    from.get(page, offset, count);
  }

  private static boolean zeros(ByteBuffer from, int count) {
    for (int i = 0; i < count; i++) {
      if (from.get(from.position() + i) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public synchronized int read(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    long at = position;
    while (into.hasRemaining() && at < size) {
      int offset = (int) (at % PAGE);
      int count = (int) Math.min(Math.min(into.remaining(), PAGE - offset), size - at);
      byte[] page = pages.get(at / PAGE);
      if (page != null) {
        into.put(page, offset, count);
      } else {
        fromBelow(into, at, count);
      }
      at += count;
    }
    return into.position() - start;
  }

  private void fromBelow(ByteBuffer into, long at, int count) throws IOException {
    int there = (int) Math.max(0, Math.min(count, known - at));
    if (there > 0 && below != null) {
      ByteBuffer part = into.slice(into.position(), there);
      int got = below.read(part, at);
      into.position(into.position() + got);
      there = got;
    }
    byte[] rest = new byte[count - there];
    into.put(rest);
  }

  @Override
  public void force() {
    // Memory has it.
  }

  /** Others may have it open: {@link #free} ends it. */
  @Override
  public void close() {
    // See above.
  }

  void free() throws IOException {
    if (below != null) {
      below.close();
    }
  }
}
