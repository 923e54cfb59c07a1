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

  Room(Log log, JournalOptions options) {
    this.log = log;
    this.most = options.bytes();
    this.reserve = options.reserve();
  }

  long used() {
    long used = 0;
    for (Segment segment : log.segments.values()) {
      used += segment.size;
    }
    return used;
  }

  /** Asks for room; returns if there is. */
  void ask(long growth) throws None, IOException {
    long used = used();
    if (used + growth > most) {
      throw new None(
          "the journal has "
              + used
              + " of "
              + most
              + " bytes: rows that a reader still needs fill it");
    }
    long now = System.nanoTime();
    if (left < growth || now - asked > AGAIN) {
      long usable = log.disk.usable(log.folder);
      asked = now;
      // a part only: others write too
      left = (usable - reserve) / 4;
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
