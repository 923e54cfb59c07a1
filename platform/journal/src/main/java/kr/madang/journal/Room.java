package kr.madang.journal;

import java.io.IOException;

/** Whether the log may grow: by its own bound, and by what the disk has for others. */
final class Room {
  private static final long AGAIN = 200_000_000;

  /** There is none. */
  static final class None extends Exception {
    private static final long serialVersionUID = 1;

    None(String message) {
      super(message, null, false, false);
    }
  }

  private final Log log;
  private final long most;
  private final long reserve;
  private long asked;
  private long left;

  /** Bytes of all segments. */
  private volatile long used;

  /** What the journal may have in all, as far as the disk was asked. */
  private volatile long capacity;

  Room(Log log, JournalOptions options) {
    this.log = log;
    this.most = options.bytes();
    this.reserve = options.reserve();
    this.capacity = most;
    count();
  }

  /** Counts again what is there; says whether it got less. The journal's thread. */
  boolean count() {
    long sum = 0;
    for (Segment segment : log.segments.values()) {
      sum += segment.allocated;
    }
    boolean less = sum < used;
    used = sum;
    return less;
  }

  /** Looks at the disk again if that was long ago: others fill it and free it. */
  void refresh() throws IOException {
    count();
    if (System.nanoTime() - asked > AGAIN) {
      look();
    }
  }

  private long look() throws IOException {
    long usable = log.disk.usable(log.folder);
    asked = System.nanoTime();
    // a part only: others write too
    left = (usable - reserve) / 4;
    capacity = Math.min(most, used + Math.max(0, usable - reserve));
    return usable;
  }

  /** Whether more than a share of the journal would be in use, in percent. Any thread. */
  boolean beyond(int share, long bytes) {
    return used + bytes > capacity / 100 * share;
  }

  /** How much of it is in use, in percent. Any thread. */
  int fill() {
    return (int) Math.min(100, used * 100 / Math.max(1, capacity));
  }

  /** Most bytes of all segments, as far as is known. */
  long capacity() {
    return capacity;
  }

  /** Asks for room; returns if there is. */
  void ask(long growth) throws None, IOException {
    count();
    if (used + growth > most) {
      throw new None(
          "the journal has "
              + used
              + " of "
              + most
              + " bytes: rows that a reader still needs fill it");
    }
    if (left < growth || System.nanoTime() - asked > AGAIN) {
      long usable = look();
      if (usable - growth < reserve) {
        throw new None(
            "the disk of "
                + log.folder
                + " has "
                + usable
                + " bytes left, of which "
                + reserve
                + " are kept for others: free some");
      }
    }
    left -= growth;
  }
}
