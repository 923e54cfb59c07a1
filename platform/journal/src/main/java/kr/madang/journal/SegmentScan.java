package kr.madang.journal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment from its first record to its end and finds out what is in it, what is damaged and
 * where it ends. A record that is not whole is damage if anything says that what lies there was
 * safe: a mark behind it, the next segment, or the word of a clean close. Else it is a tail that
 * was never promised to anybody, and is cut.
 */
final class SegmentScan {
  /** What is read at once. */
  static final int WINDOW = 1 << 20;

  /** Of a disk: is written whole or not at all. */
  private static final int SECTOR = 512;

  /**
   * Bytes that cannot be used.
   *
   * @param what for people
   */
  record Bad(long at, long length, String what) {}

  final SegmentIndex index;
  final List<Bad> bad = new ArrayList<>();

  /** Streams whose last numbers may have been lost. */
  final Set<Integer> uncertain = new HashSet<>();

  /** The first byte that does not count. */
  long end = Layout.FIRST;

  /** Below it everything is safe by the word of the last mark. */
  long marked = Layout.FIRST;

  /** Bytes that holes leave free on the disk. */
  long freed;

  /** Whether bytes behind the end were left out. */
  boolean cut;

  private final Window window;
  private final RecordHeader header;
  private final long size;
  private final long claimed;
  private final CRC32C crc = new CRC32C();
  private final List<Long> unit = new ArrayList<>();
  private final RecordHeader again;
  private final RecordHeader held;
  private final long before;
  private long furthestMark = -1;
  private long lastSeen;
  private long marks;

  /** Whether a mark was not read that named what is uncertain. */
  private boolean missed;

  /**
   * Prepares.
   *
   * @param size of the file
   * @param index what the segment begins with
   * @param claimed what others say is its end; -1 if nobody does
   */
  SegmentScan(Window window, int seed, long size, SegmentIndex index, long claimed) {
    this.window = window;
    this.header = new RecordHeader(seed);
    this.again = new RecordHeader(seed);
    this.held = new RecordHeader(seed);
    this.size = size;
    this.index = index;
    this.before = index.lastOrder;
    this.lastSeen = before;
    this.claimed = claimed;
  }

  /** Reads it all. */
  void run() throws IOException {
    long limit = claimed < 0 ? size : Math.min(size, claimed);
    long at = Layout.FIRST;
    long unitAt = -1;
    while (at + Layout.HEADER <= limit) {
      int in = window.at(at, Layout.HEADER, limit);
      if (in >= 0
          && header.read(window.buffer, in)
          && at + header.size() <= limit
          && Resync.plausible(header, lastSeen)) {
        if (whole(at, limit)) {
          unitAt = header.more() && unitAt < 0 ? at : unitAt;
          take(at, limit);
          unitAt = Layout.counted(header.type) && !header.more() ? -1 : unitAt;
        } else if (safe(at, at + header.size(), limit) || flipped(at, header)) {
          lost(header, at, "the payload of " + name(header) + " is damaged", limit);
          unitAt = -1;
        } else {
          break;
        }
        at += header.size();
      } else if (flippedHeader(at, limit)) {
        lost(again, at, "the header of " + name(again) + " is damaged", limit);
        unitAt = -1;
        at += again.size();
      } else {
        long next = Resync.find(window, again, at + 8, limit, lastSeen);
        if (!safe(at, next < 0 ? limit : next, limit)) {
          break;
        }
        if (next < 0 || again.order > lastSeen + (Layout.counted(again.type) ? 1 : 0)) {
          uncertain.addAll(index.lanes.keySet());
        }
        long to = next < 0 ? Math.max(limit, claimed) : next;
        bad.add(new Bad(at, to - at, "expected a record, found something else"));
        release(limit);
        unitAt = -1;
        at = to;
      }
    }
    finish(at, unitAt, limit);
  }

  private void finish(long at, long unitAt, long limit) throws IOException {
    if (claimed > at) {
      bad.add(new Bad(at, claimed - at, "expected records up to byte " + claimed + ", found none"));
      uncertain.addAll(index.lanes.keySet());
    }
    if (claimed >= 0) {
      release(limit);
      end = claimed;
      return;
    }
    end = unitAt >= 0 ? unitAt : at;
    unit.clear();
    cut = end < size;
  }

  private boolean whole(long at, long limit) throws IOException {
    int checked = Layout.checked(header);
    return (int) window.crc(crc, at + Layout.HEADER, checked, limit) == header.bodyCrc;
  }

  /** A record that cannot be used, of which is known what it was. */
  private void lost(RecordHeader of, long at, String what, long limit) throws IOException {
    bad.add(new Bad(at, of.size(), what));
    release(limit);
    lastSeen = Math.max(lastSeen, of.order);
    index.takeLost(of);
  }

  private void take(long at, long limit) throws IOException {
    lastSeen = Math.max(lastSeen, header.order);
    if (Layout.counted(header.type)) {
      if (header.more()) {
        unit.add(at);
        return;
      }
      release(limit);
    }
    apply(header, at, limit);
  }

  /** Takes up what was held back because its unit was not complete. */
  private void release(long limit) throws IOException {
    for (long at : unit) {
      int in = window.at(at, Layout.HEADER, limit);
      if (in >= 0 && held.read(window.buffer, in)) {
        apply(held, at, limit);
      }
    }
    unit.clear();
  }

  private void apply(RecordHeader header, long at, long limit) throws IOException {
    byte @Nullable [] payload = null;
    switch (header.type) {
      case Layout.ROWS, Layout.NOTE, Layout.SCHEMA -> {}
      default -> payload = window.bytes(at + Layout.HEADER, Layout.checked(header), limit);
    }
    if (header.type == Layout.HOLE) {
      freed += HollowCopy.freed(at, header);
    }
    try {
      index.take(header, at, payload);
      uncertain.remove(header.stream);
      if (header.type == Layout.MARK && payload != null) {
        OwnRecords.Mark mark = OwnRecords.mark(Bytes.of(payload));
        marked = Math.max(marked, Math.min(mark.end(), at));
        uncertain.removeAll(mark.nexts().keySet());
        missed |= !uncertain.isEmpty() && mark.number() != marks + 1;
        if (!missed) {
          // it names all streams that went on since the mark before it, and that one was read
          uncertain.clear();
        }
        marks = mark.number();
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      bad.add(new Bad(at, header.size(), name(header) + " says what cannot be: " + e));
    }
  }

  /** Whether a payload is one bit away from being whole: then it was not torn. */
  private boolean flipped(long at, RecordHeader of) throws IOException {
    long got = window.crc(crc, at + Layout.HEADER, of.length, size);
    int in = got < 0 ? -1 : OneBit.in((int) got ^ of.bodyCrc, of.length);
    return in >= 0 && written(at + Layout.HEADER + in, at + of.size());
  }

  /** Whether a header is one bit away from being whole; then it is left in {@link #again}. */
  private boolean flippedHeader(long at, long limit) throws IOException {
    int in = window.at(at, Layout.HEADER, limit);
    int bit = in < 0 ? -1 : OneBit.mend(window.buffer, in, again);
    return bit >= 0
        && at + again.size() <= limit
        && Resync.plausible(again, lastSeen)
        && (int) window.crc(crc, at + Layout.HEADER, again.length, limit) == again.bodyCrc
        && written(at + bit, at + again.size());
  }

  /** Whether a byte was written: a torn write leaves the rest of the sector empty from there on. */
  private boolean written(long at, long to) throws IOException {
    int length = (int) (Math.min(to, (at / SECTOR + 1) * SECTOR) - at);
    int in = window.at(at, length, size);
    for (int i = in; in >= 0 && i < in + length; i++) {
      if (window.buffer.get(i) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether anybody says that what lies at an offset was safe. */
  private boolean safe(long at, long behind, long limit) throws IOException {
    return claimed > at || marked > at || furthestMark(behind, limit) > at;
  }

  /**
   * How far the marks behind say it was safe. After a power cut, marks of a deleted segment may lie
   * where this one was not forced: they are not of a later order than the segment before this one.
   */
  private long furthestMark(long from, long limit) throws IOException {
    if (furthestMark < 0) {
      furthestMark = 0;
      long at = from;
      while (true) {
        at = Resync.find(window, again, at, limit, before);
        if (at < 0) {
          break;
        }
        if (again.type == Layout.MARK
            && again.order > before
            && (int) window.crc(crc, at + Layout.HEADER, again.length, limit) == again.bodyCrc) {
          furthestMark = Math.max(furthestMark, markAt(at, limit));
        }
        at += again.size();
      }
    }
    return furthestMark;
  }

  private long markAt(long at, long limit) throws IOException {
    byte[] payload = window.bytes(at + Layout.HEADER, again.length, limit);
    try {
      return payload == null ? 0 : Math.min(OwnRecords.mark(Bytes.of(payload)).end(), at);
    } catch (BufferUnderflowException e) {
      return 0;
    }
  }

  private static String name(RecordHeader header) {
    return switch (header.type) {
      case Layout.ROWS -> "record " + header.order + " of " + header.rows + " rows";
      case Layout.NOTE -> "note " + header.order;
      case Layout.GAP -> "gap marker " + header.order;
      case Layout.MARK -> "a mark";
      case Layout.SCHEMA -> "a schema";
      case Layout.STREAM -> "the definition of a stream";
      case Layout.CURSOR -> "a cursor";
      case Layout.INDEX -> "the index of the segment before";
      case Layout.HOLE -> "a hole";
      default -> "a record of type " + header.type;
    };
  }
}
