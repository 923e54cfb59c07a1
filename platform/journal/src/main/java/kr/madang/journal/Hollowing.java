package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Frees the room of records that nobody needs in segments that somebody needs: one stream that is
 * not read any further would hold all that came behind it. The segment is copied with holes in the
 * place of those records, and the copy takes its place at once; all others keep their places in it.
 * Used by the journal's thread.
 */
final class Hollowing {
  /** A copy is made if it frees at least so much of the segment, in percent. */
  private static final int WORTH = 50;

  /** Less is not worth a hole of its own. */
  private static final long LEAST = 16 << 10;

  private static final long LITTLE = 512;
  private static final int BLOCK = 4 << 10;
  private static final long AGAIN = 30_000_000_000L;

  /** Bytes of a segment that stay, or that become a hole. */
  private record Part(long from, long to, boolean hole, long order, Map<Integer, Long> nexts) {}

  /** What is needed of a lane: rows from a number on, young ones, and the last two of a stream. */
  private record Need(long bound, long after, long last, long beforeLast) {
    boolean of(RecordHeader header, long at) {
      long end = header.sequence + Math.max(1, header.rows);
      return end > bound || header.time > after || at == last || at == beforeLast;
    }
  }

  private final Log log;
  private final Map<Long, Long> tried = new HashMap<>();

  Hollowing(Log log) {
    this.log = log;
  }

  /** The room that a hole frees on the disk. */
  static long freed(long at, RecordHeader hole) {
    long from = at + Layout.HEADER + hole.meta + BLOCK - 1 & -BLOCK;
    return Math.max(0, (at + hole.size() - 8 & -BLOCK) - from);
  }

  /**
   * Frees room in the oldest segment that has enough of it; false if there is none.
   *
   * @param eager whether a little is enough
   */
  boolean run(boolean eager) throws IOException {
    tried.keySet().retainAll(log.segments.keySet());
    Segment segment = candidate(eager);
    if (segment == null) {
      return false;
    }
    tried.put(segment.number, System.nanoTime());
    Map<Integer, Need> needs = needs(segment);
    try (DiskFile file = log.disk.open(segment.path, false)) {
      Window window = new Window(Layout.direct(SegmentScan.WINDOW), file);
      List<Part> parts = parts(segment, window, needs, eager ? LITTLE : LEAST);
      if (parts == null || !eager && kept(parts) > segment.allocated * (100 - WORTH) / 100) {
        return false;
      }
      Path made = log.folder.resolve(segment.name() + Atomic.SUFFIX);
      log.disk.delete(made);
      try (DiskFile copy = log.disk.create(made)) {
        copy(segment, file, copy, parts);
        copy.force();
      } catch (IOException e) {
        // the segment is as it was; what there is of a copy goes
        log.disk.delete(made);
        return false;
      }
      segment.hollow = true;
      log.disk.rename(made, segment.path);
      log.disk.forceFolder(log.folder);
      take(segment, window, copyIndex(segment), parts);
      return true;
    }
  }

  private @Nullable Segment candidate(boolean eager) {
    long now = System.nanoTime();
    log.lock.lock();
    try {
      for (Segment segment : log.segments.values()) {
        Long last = tried.get(segment.number);
        if (segment.sealed
            && segment.header != null
            && segment != log.segments.lastEntry().getValue()
            && (last == null || now - last > AGAIN)
            && (eager || segment.allocated > 4 * LEAST)
            && live(segment) < segment.allocated * (100 - WORTH) / 100) {
          return segment;
        }
      }
      return null;
    } finally {
      log.lock.unlock();
    }
  }

  private long live(Segment segment) {
    long live = 0;
    for (Lane lane : segment.index.lanes.values()) {
      JournalStream stream = stream(lane);
      long bound = stream == null ? Long.MAX_VALUE : bound(stream);
      if (lane.any() && lane.last > bound) {
        double part = (double) (lane.last - Math.max(lane.first, bound)) / (lane.last - lane.first);
        live += (long) (lane.bytes * Math.min(1, part));
      }
    }
    return live;
  }

  private @Nullable JournalStream stream(Lane lane) {
    JournalStream stream = log.streams.get(lane.name);
    return stream == null || stream.born != lane.born ? null : stream;
  }

  /** Rows that were dropped count as gone once that is written down. */
  private static long bound(JournalStream stream) {
    return stream.unwritten == null ? stream.bound() : Math.min(stream.bound(), stream.released);
  }

  private Map<Integer, Need> needs(Segment segment) {
    long now = log.now();
    Map<Integer, Need> needs = new HashMap<>();
    log.lock.lock();
    try {
      for (Lane lane : segment.index.lanes.values()) {
        JournalStream stream = stream(lane);
        if (stream != null) {
          long keep = Sweep.nanos(stream.options.keep());
          long after = keep == 0 ? Long.MAX_VALUE : Math.max(0, now - keep);
          boolean late = stream.late(segment);
          needs.put(
              lane.id,
              new Need(
                  bound(stream), after, late ? lane.lastAt : -1, late ? lane.beforeLastAt : -1));
        }
      }
      return needs;
    } finally {
      log.lock.unlock();
    }
  }

  /** What stays and what goes; null if a record is damaged, which is left for readers to find. */
  private @Nullable List<Part> parts(
      Segment segment, Window window, Map<Integer, Need> needs, long least) throws IOException {
    List<Part> parts = new ArrayList<>();
    RecordHeader header = new RecordHeader(log.id.seed());
    long end = segment.end;
    long kept = Layout.FIRST;
    long from = -1;
    long order = 0;
    Map<Integer, Long> nexts = new HashMap<>();
    long lastMark = lastMark(header, window, end);
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
      if (own == null ? dead(header, at, needs) : passed(segment, header, own, at < lastMark)) {
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

  private static long lastMark(RecordHeader header, Window window, long end) throws IOException {
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
  private static boolean passed(
      Segment segment, RecordHeader header, ByteBuffer own, boolean marked) {
    if (header.type != Layout.CURSOR) {
      return header.type == Layout.HOLE || marked;
    }
    SegmentIndex.CursorValue last = segment.index.cursors.get(Bytes.text(own));
    return last != null && last.counter() > own.getLong();
  }

  private static boolean dead(RecordHeader header, long at, Map<Integer, Need> needs) {
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

  private static long kept(List<Part> parts) {
    long kept = Layout.FIRST;
    for (Part part : parts) {
      kept += part.hole ? 2 * BLOCK : part.to - part.from + BLOCK;
    }
    return kept;
  }

  private void copy(Segment segment, DiskFile from, DiskFile to, List<Part> parts)
      throws IOException {
    SegmentHeader header = segment.header;
    if (header == null) {
      throw new IOException("a segment without a header is not copied");
    }
    to.write(List.of(header.hollowed().encode()), 0);
    ByteBuffer buffer = Layout.direct(SegmentScan.WINDOW);
    for (Part part : parts) {
      if (part.hole) {
        to.write(List.of(hole(part)), part.from);
        to.write(List.of(ByteBuffer.allocate(8)), part.to - 8);
        continue;
      }
      for (long at = part.from; at < part.to; at += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), part.to - at));
        if (from.read(buffer, at) < buffer.limit()) {
          throw new IOException("a segment ends before its end");
        }
        to.write(List.of(buffer.flip()), at);
      }
    }
  }

  private ByteBuffer hole(Part part) {
    byte[] told = OwnRecords.mark(new OwnRecords.Mark(0, 0, part.nexts));
    RecordHeader header = new RecordHeader(log.id.seed());
    header.type = Layout.HOLE;
    header.length = (int) (part.to - part.from - Layout.HEADER);
    header.meta = told.length;
    header.order = part.order;
    header.time = log.now();
    ByteBuffer bytes = Layout.direct(Layout.HEADER + told.length);
    bytes.put(Layout.HEADER, told);
    header.bodyCrc = Layout.crc(bytes, Layout.HEADER, told.length);
    header.write(bytes, 0);
    return bytes;
  }

  /** What the lanes of the segment had before. */
  private static Map<Integer, Lane> copyIndex(Segment segment) {
    return new HashMap<>(segment.index.lanes);
  }

  /** The lanes have what stays. */
  private void take(Segment segment, Window window, Map<Integer, Lane> lanes, List<Part> parts)
      throws IOException {
    Map<Integer, Lane> counted = new HashMap<>();
    lanes.forEach((id, lane) -> counted.put(id, new Lane(id, lane.name, lane.born, lane.options)));
    RecordHeader header = new RecordHeader(log.id.seed());
    long allocated = Layout.FIRST;
    for (Part part : parts) {
      allocated += part.hole ? 2 * BLOCK : part.to - part.from;
      for (long at = part.from; !part.hole && at < part.to; at += header.size()) {
        int in = window.at(at, Layout.HEADER, part.to);
        if (in < 0 || !header.read(window.buffer, in)) {
          break;
        }
        Lane lane = counted.get(header.stream);
        if (lane != null && Layout.counted(header.type)) {
          lane.count(
              header.sequence, header.sequence + header.rows, header.time, at, header.size());
        }
      }
    }
    log.lock.lock();
    try {
      segment.allocated = Math.min(segment.allocated, allocated);
      lanes.forEach((id, lane) -> {
        Lane now = counted.get(id);
        JournalStream stream = log.streams.get(lane.name);
        if (now == null) {
          return;
        }
        if (stream != null && stream.born == lane.born) {
          stream.shrunk(segment, lane.bytes - now.bytes, now.any());
        }
        lane.shrink(now);
      });
    } finally {
      log.lock.unlock();
    }
  }
}
