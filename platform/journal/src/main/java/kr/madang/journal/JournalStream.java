package kr.madang.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One ordered stream of a journal. Methods may be called from any thread. */
public final class JournalStream {
  private static final int MOST_GAPS = 10_000;

  /** What a segment has of the stream. */
  record Span(Segment segment, Lane lane) {}

  final Log log;
  final String name;

  /** The first epoch: tells a stream from a dropped one of the same name. */
  final long born;

  // guarded by the log's lock
  StreamOptions options;
  long epoch;
  long next;
  long released;

  /** What {@link #bound} was before the cursors were last found safe: only below it rows go. */
  long settled;

  /** Rows from the one to the other were dropped, whether they are still in a segment or not. */
  long floorFrom;

  long floor;

  /** Rows below it are read, and needed once more only after a crash: they are not dropped. */
  long taken;

  long gone;
  long queued;
  long spanBytes;
  final Deque<Span> spans = new ArrayDeque<>();
  final List<Gone> gaps = new ArrayList<>();
  boolean dropped;

  /** The number in this life of the journal; -1 until something is written. */
  int id = -1;

  /** Dropped rows that are not written down yet. */
  @Nullable Gone unwritten;

  private long releasedBytes;
  private volatile long forced;

  /** What the appending thread wrote last. */
  @Nullable SchemaOut schema;

  JournalStream(Log log, String name, long born, StreamOptions options) {
    this.log = log;
    this.name = name;
    this.born = born;
    this.epoch = born;
    this.options = options;
  }

  /** Unique in the journal. */
  public String name() {
    return name;
  }

  /** Rises only when numbers could repeat. */
  public long epoch() {
    log.lock.lock();
    try {
      return epoch;
    } finally {
      log.lock.unlock();
    }
  }

  /** The number that the next row appended gets. */
  public long next() {
    log.lock.lock();
    try {
      return next;
    } finally {
      log.lock.unlock();
    }
  }

  /** Rows below it are safe. */
  public long forced() {
    return forced;
  }

  /**
   * Records below a number are not needed any more: they may go, and with them what {@link
   * Journal#latest} would find. Not remembered over a restart: who reads a stream says it again.
   */
  public void release(long upTo) {
    boolean further;
    boolean firstDone;
    log.lock.lock();
    try {
      further = released < Math.min(upTo, next + 1);
      if (further) {
        released = Math.min(upTo, next + 1);
        countReleased();
      }
      Span first = spans.peekFirst();
      firstDone = first != null && first.lane().last <= bound();
    } finally {
      log.lock.unlock();
    }
    if (further && firstDone) {
      log.released.accept(this);
    }
  }

  /**
   * Rows below a number were read by who will read them again after a crash, and release them then:
   * a full stream or journal drops none of them. Not remembered over a restart.
   */
  public void taken(long upTo) {
    log.lock.lock();
    try {
      taken = Math.max(taken, upTo);
    } finally {
      log.lock.unlock();
    }
  }

  /** How many rows of a range are known to be gone, whether a reader has met the gap or not. */
  public long gone(long from, long to) {
    log.lock.lock();
    try {
      long rows = 0;
      for (Gone gap : gaps) {
        rows += Math.max(0, Math.min(gap.to(), to) - Math.max(gap.from(), from));
      }
      return rows;
    } finally {
      log.lock.unlock();
    }
  }

  /** How it is. */
  public StreamStatus status() {
    log.lock.lock();
    try {
      Span oldest = spans.peekFirst();
      return new StreamStatus(
          name,
          epoch,
          oldest == null ? next : Math.min(readable(oldest.lane().first), next),
          Math.min(released, next),
          forced,
          next,
          live(),
          gone,
          oldest == null ? 0 : oldest.lane().minTime);
    } finally {
      log.lock.unlock();
    }
  }

  // under the log's lock

  /** Bytes of records that are not released. */
  long live() {
    return Math.max(0, spanBytes - releasedBytes) + queued;
  }

  /** The number below which no record is needed. */
  long bound() {
    return released < floorFrom ? released : Math.max(released, floor);
  }

  /** Remembers what may go as soon as the cursors that were set so far are safe. */
  void settle() {
    settled = bound();
  }

  /** The first row from a number on that was not dropped. */
  long readable(long from) {
    return from >= floorFrom && from < floor ? floor : from;
  }

  /** The first row that may be dropped; -1 if none may be for now. */
  long droppable() {
    if (released < floorFrom) {
      return taken > floor ? -1 : floor;
    }
    return Math.max(bound(), taken);
  }

  /** Rows below a number are dropped, but for those that are taken or gone already. */
  void dropTo(long to) {
    long from = droppable();
    if (from != floor || floor == floorFrom) {
      floorFrom = from;
    }
    floor = to;
    countReleased();
    goneFrom(from, to, Gone.DROP_OLDEST);
  }

  /** The dropped rows are those that were written down as such. */
  void findFloor() {
    floorFrom = floor;
    for (int i = gaps.size() - 1; i >= 0; i--) {
      Gone gap = gaps.get(i);
      if (gap.to() == floorFrom && gap.cause().equals(Gone.DROP_OLDEST)) {
        floorFrom = gap.from();
      }
    }
  }

  /** The number below which records have to go to free some bytes. */
  long boundAfter(long bytes) {
    long bound = droppable();
    if (bound < 0) {
      return bound;
    }
    long left = bytes;
    for (Span span : spans) {
      Lane lane = span.lane();
      if (lane.last <= bound) {
        continue;
      }
      long from = Math.max(bound, lane.first);
      double perRow = (double) lane.bytes / (lane.last - lane.first);
      long here = (long) (perRow * (lane.last - from));
      if (here >= left) {
        return Math.min(lane.last, from + (long) Math.ceil(left / perRow));
      }
      left -= here;
      bound = lane.last;
    }
    return Math.min(bound, forced);
  }

  void recovered() {
    forced = next;
    countReleased();
  }

  /** A record of the stream is safe. */
  void written(Segment segment, Outgoing record) {
    Lane lane = segment.index.lanes.get(id);
    Span last = spans.peekLast();
    if (lane != null && (last == null || last.segment() != segment)) {
      spans.addLast(new Span(segment, lane));
    }
    spanBytes += record.size();
    forced = Math.max(forced, record.end());
  }

  void countReleased() {
    long bound = bound();
    long bytes = 0;
    for (Span span : spans) {
      Lane lane = span.lane();
      if (lane.last <= bound) {
        bytes += lane.bytes;
        continue;
      }
      if (bound > lane.first) {
        bytes += (long) ((double) lane.bytes * (bound - lane.first) / (lane.last - lane.first));
      }
      break;
    }
    releasedBytes = bytes;
  }

  /** A segment was deleted. */
  void forget(Segment segment) {
    spans.removeIf(span -> {
      boolean gone = span.segment() == segment;
      if (gone) {
        spanBytes -= span.lane().bytes;
      }
      return gone;
    });
    countReleased();
    Span first = spans.peekFirst();
    long oldest = first == null ? bound() : Math.min(first.lane().first, bound());
    gaps.removeIf(gap -> gap.to() <= Math.min(oldest, released));
  }

  /** Whether one of the last two records may be in a segment. */
  boolean late(Segment segment) {
    int left = 2;
    for (var spans = this.spans.descendingIterator(); left > 0 && spans.hasNext(); left--) {
      if (spans.next().segment() == segment) {
        return true;
      }
    }
    return false;
  }

  /** A segment has fewer bytes of it, or nothing more. */
  void shrunk(Segment segment, long bytes, boolean any) {
    spanBytes -= bytes;
    if (!any) {
      spans.removeIf(span -> span.segment() == segment);
    }
  }

  /** Notes that rows are gone; false if all of them were known. */
  boolean goneFrom(long from, long to, String cause) {
    for (Gone gap : gaps) {
      if (gap.from() <= from && gap.to() >= to) {
        return false;
      }
    }
    Gone last = gaps.isEmpty() ? null : gaps.getLast();
    if (last != null && last.to() == from && last.cause().equals(cause)) {
      gaps.set(gaps.size() - 1, new Gone(last.from(), to, cause));
    } else {
      gaps.add(new Gone(from, to, cause));
      if (gaps.size() > MOST_GAPS) {
        gaps.removeFirst();
      }
    }
    gone += to - from;
    return true;
  }
}
