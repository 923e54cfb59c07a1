package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stays of a segment and what becomes a hole. */
final class HollowPlan {
  /** Bytes that stay, or that become a hole. */
  record Part(long from, long to, boolean hole, long order, Map<Integer, Long> nexts) {}

  /** What is needed of a lane: rows from a number on, young ones, and the last two of a stream. */
  record Need(long bound, long after, long last, long beforeLast) {
    boolean of(RecordHeader header, long at) {
      long end = header.sequence + Math.max(1, header.rows);
      return end > bound || header.time > after || at == last || at == beforeLast;
    }
  }

  private final Segment segment;
  private final Window window;
  private final Map<Integer, Need> needs;
  private final RecordHeader header;

  /**
   * Prepares.
   *
   * @param window over the segment
   * @param needs by lane; of one that is not in it nothing is needed
   */
  HollowPlan(int seed, Segment segment, Window window, Map<Integer, Need> needs) {
    this.header = new RecordHeader(seed);
    this.segment = segment;
    this.window = window;
    this.needs = needs;
  }

  /**
   * What stays and what goes; null if a record is damaged, which is left for readers to find.
   *
   * @param least bytes that are worth a hole
   */
  @Nullable List<Part> parts(long least) throws IOException {
    List<Part> parts = new ArrayList<>();
    long end = segment.end;
    long kept = Layout.FIRST;
    long from = -1;
    long order = 0;
    Map<Integer, Long> nexts = new HashMap<>();
    long lastMark = lastMark(end);
    for (long at = Layout.FIRST; at < end; at += header.size()) {
      int in = window.at(at, Layout.HEADER, end);
      if (in < 0 || !header.read(window.buffer, in) || at + header.size() > end) {
        return null;
      }
      ByteBuffer own = null;
      if (header.type == Layout.HOLE
          || header.type == Layout.MARK
          || header.type == Layout.CURSOR) {
        byte[] payload = window.bytes(at + Layout.HEADER, Layout.checked(header), end);
        if (payload == null || Layout.crc(payload) != header.bodyCrc) {
          return null;
        }
        own = Bytes.of(payload);
      }
      if (own == null ? dead(at) : passed(own, at < lastMark)) {
        from = from < 0 ? at : from;
        order = Math.max(order, header.order);
        if (own != null && header.type != Layout.CURSOR) {
          OwnRecords.mark(own).nexts().forEach((id, next) -> nexts.merge(id, next, Math::max));
        } else if (own == null) {
          nexts.merge(header.stream, header.sequence + header.rows, Math::max);
        }
      } else if (from >= 0) {
        kept = add(parts, kept, new Part(from, at, true, order, Map.copyOf(nexts)), least);
        from = -1;
        nexts.clear();
      }
    }
    if (from >= 0) {
      kept = add(parts, kept, new Part(from, end, true, order, Map.copyOf(nexts)), least);
    }
    if (kept < end) {
      parts.add(new Part(kept, end, false, 0, Map.of()));
    }
    return parts;
  }

  private long lastMark(long end) throws IOException {
    long last = -1;
    for (long at = Layout.FIRST; at < end; at += header.size()) {
      int in = window.at(at, Layout.HEADER, end);
      if (in < 0 || !header.read(window.buffer, in)) {
        break;
      }
      last = header.type == Layout.MARK ? at : last;
    }
    return last;
  }

  /** Whether one of the journal's own records says nothing that a later one does not say too. */
  private boolean passed(ByteBuffer own, boolean marked) {
    if (header.type != Layout.CURSOR) {
      return header.type == Layout.HOLE || marked;
    }
    SegmentIndex.CursorValue last = segment.index.cursors.get(Bytes.text(own));
    return last != null && last.counter() > own.getLong();
  }

  private boolean dead(long at) {
    if (header.type != Layout.ROWS && header.type != Layout.NOTE) {
      return false;
    }
    Need need = needs.get(header.stream);
    return need == null || !need.of(header, at);
  }

  /** Adds a hole, if it is worth one, and what stays before it; returns where that ended. */
  private static long add(List<Part> parts, long kept, Part hole, long least) {
    long told = Layout.HEADER + OwnRecords.MARK_LEAST + 12L * hole.nexts.size();
    if (hole.to - hole.from < Math.max(least, told + 8)) {
      return kept;
    }
    if (hole.from > kept) {
      parts.add(new Part(kept, hole.from, false, 0, Map.of()));
    }
    parts.add(hole);
    return hole.to;
  }
}
