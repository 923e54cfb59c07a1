package kr.madang.journal;

import java.io.IOException;

/** Finds the next record behind something that is none. */
final class Resync {
  private Resync() {}

  /**
   * The offset of the next whole header, or -1.
   *
   * @param header left with what was found
   * @param from where to look first
   * @param after the order of the last record that was read: older ones are copies in a payload
   */
  static long find(Window window, RecordHeader header, long from, long limit, long after)
      throws IOException {
    long at = Layout.padded(from);
    while (at + Layout.HEADER <= limit) {
      int step = (int) Math.min(window.buffer.capacity() & ~7, limit - at & ~7L);
      int in = window.at(at, step, limit);
      if (in < 0) {
        // the file is shorter than its limit: what is left is less than a window
        step = Layout.HEADER;
        in = window.at(at, step, limit);
        if (in < 0) {
          return -1;
        }
      }
      int end = in + step - Layout.HEADER;
      int next = in;
      while (next <= end) {
        if (window.buffer.getInt(next) == Layout.MARKER
            && header.read(window.buffer, next)
            && at + (next - in) + header.size() <= limit
            && plausible(header, after)) {
          return at + (next - in);
        }
        next += 8;
      }
      at += next - in;
    }
    return -1;
  }

  static boolean plausible(RecordHeader header, long after) {
    return Layout.counted(header.type) ? header.order > after : header.order >= after;
  }
}
