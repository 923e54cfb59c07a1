package kr.madang.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import kr.madang.journal.disk.DiskFile;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Reads on in a journal. Used by one thread at a time; an interrupt ends a wait, not the reader.
 * Rows that are gone come as gaps, each once, in front of the first row behind them.
 */
public final class Reader implements AutoCloseable {
  /** Payloads up to so many bytes are looked at in passing. */
  private static final int CHEAP = 64 << 10;

  /** What lies so near in front of the first record wanted is looked at too. */
  private static final int NEAR = 1 << 20;

  private final Log log;
  private final Map<String, Following> wanted = new HashMap<>();
  private final Map<Integer, Following> byId = new HashMap<>();
  private final RecordHeader header;
  private final RecordReader records;
  private final Deque<Logged> ready = new ArrayDeque<>();
  private @Nullable Segment segment;
  private @Nullable Segment left;
  private long at;
  private volatile boolean closed;

  Reader(Log log, Map<String, Long> from, BufferAllocator allocator) {
    this.log = log;
    this.header = new RecordHeader(log.id.seed());
    this.records = new RecordReader(log, allocator);
    from.forEach((name, first) -> wanted.put(name, new Following(name, first)));
    try {
      start();
    } catch (RuntimeException e) {
      records.close();
      throw e;
    }
  }

  /** Finds the first segment with something wanted. */
  private void start() {
    Segment first = null;
    long offset = Layout.FIRST;
    log.lock.lock();
    try {
      for (Following each : wanted.values()) {
        JournalStream stream = each.stream(log);
        if (stream == null) {
          continue;
        }
        each.epoch = stream.epoch;
        long available = stream.forced();
        for (JournalStream.Span span : stream.spans) {
          if (span.lane().last > stream.readable(each.expected)) {
            available = stream.readable(Math.max(span.lane().first, each.expected));
            Segment in = span.segment();
            long where = span.lane().firstAt;
            if (first == null
                || in.number < first.number
                || in.number == first.number && where < offset) {
              first = in;
              offset = where;
            }
            break;
          }
        }
        each.advance(log, Math.min(available, stream.forced()), ready);
      }
      if (first == null) {
        Map.Entry<Long, Segment> last = log.segments.lastEntry();
        if (last != null) {
          first = last.getValue();
          offset = first.end;
        }
      }
      if (first != null) {
        go(first, offset - Layout.FIRST <= NEAR ? Layout.FIRST : offset);
      }
    } finally {
      log.lock.unlock();
    }
  }

  /** The next forced record, or null if none came in time. What is damaged comes as a gap. */
  public @Nullable Logged poll(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + Sweep.nanos(atMost);
    while (true) {
      Logged next = ready.poll();
      if (next != null) {
        return next;
      }
      if (closed) {
        throw new IllegalStateException("the reader is closed");
      }
      if (log.closed) {
        return null;
      }
      if (!step() && !log.await(() -> log.closed || more(), end - System.nanoTime())) {
        return null;
      }
    }
  }

  /** Whether everything that is forced by now was given. */
  public boolean atEnd() {
    while (ready.isEmpty() && !log.closed && !closed) {
      if (!step()) {
        return true;
      }
    }
    return ready.isEmpty();
  }

  private boolean more() {
    Segment current = segment;
    if (current == null) {
      return !log.segments.isEmpty();
    }
    return at < current.end || current.sealed && log.segments.higherKey(current.number) != null;
  }

  /** Reads one record; false if there is none yet. */
  private boolean step() {
    Segment current = segment;
    if (current == null) {
      Map.Entry<Long, Segment> first = log.segments.firstEntry();
      if (first == null) {
        return false;
      }
      go(first.getValue(), Layout.FIRST);
      return true;
    }
    boolean sealed = current.sealed;
    long end = current.end;
    if (at >= end) {
      Map.Entry<Long, Segment> next = sealed ? log.segments.higherEntry(current.number) : null;
      if (sealed) {
        leave(current);
      }
      if (next == null) {
        return !ready.isEmpty();
      }
      go(next.getValue(), Layout.FIRST);
      return true;
    }
    try {
      DiskFile file = records.over(current);
      read(current, file, end);
      return true;
    } catch (NoSuchFileException e) {
      // deleted meanwhile: what was in it comes as a gap
      wanted.values().forEach(each -> each.passedDamage = false);
      at = end;
      return true;
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, current.path + " cannot be read at byte " + at + ": " + e, e);
    }
  }

  private void read(Segment current, DiskFile file, long end) throws IOException {
    int in = records.window().at(at, Layout.HEADER, end);
    if (in < 0 || !header.read(records.window().buffer, in) || at + header.size() > end) {
      boolean hole = in >= 0 && current.hollow && records.window().buffer.getLong(in) == 0;
      long next = Resync.find(records.window(), new RecordHeader(log.id.seed()), at + 8, end, 0);
      long to = next < 0 ? end : next;
      if (!hole) {
        damaged(current, file, to - at, "expected a record, found something else");
      }
      at = to;
      return;
    }
    long here = at;
    switch (header.type) {
      case Layout.ROWS, Layout.NOTE, Layout.GAP -> {
        Following each = following(current);
        if (each == null || !take(current, file, each, here, end)) {
          pass(current, file, here, end);
        }
      }
      case Layout.STREAM -> {
        Following each = following(current);
        if (pass(current, file, here, end) && each != null) {
          each.advance(log, header.sequence, ready);
          each.epoch = header.epoch;
        }
      }
      case Layout.MARK, Layout.HOLE -> {
        byte[] payload = records.payload(header, here, end);
        if (payload == null) {
          damaged(current, file, header.size(), "a mark or a hole is damaged");
        } else {
          told(current, payload, header.type == Layout.HOLE);
        }
      }
      default -> pass(current, file, here, end);
    }
    at = here + header.size();
  }

  /** Looks at a record that is not wanted, if that is cheap; false if it is damaged. */
  private boolean pass(Segment current, DiskFile file, long here, long end) throws IOException {
    if (header.length <= CHEAP && !records.whole(header, here, end)) {
      damaged(current, file, header.size(), "a record that nobody asked for is damaged");
      return false;
    }
    return true;
  }

  /** Gives a record of a wanted stream; false if none of its rows is wanted. */
  private boolean take(Segment current, DiskFile file, Following each, long here, long end)
      throws IOException {
    JournalStream stream = each.stream(log);
    long readable = stream == null ? 0 : readable(stream, each.expected);
    long to = header.sequence + header.rows;
    if (header.type == Layout.GAP) {
      byte[] payload = records.payload(header, here, end);
      if (payload == null) {
        damaged(current, file, header.size(), "a gap marker is damaged");
      } else {
        Gone gone = OwnRecords.gap(header, Bytes.of(payload));
        if (gone.to() > each.expected && gone.from() <= each.expected) {
          ready.add(
              new Logged.Gap(each.name, header.epoch, each.expected, gone.to(), gone.cause()));
          each.expected = gone.to();
        }
      }
      return true;
    }
    if (readable > each.expected) {
      each.advance(log, Math.min(readable, Math.max(to, each.expected)), ready);
    }
    if (header.rows > 0 ? to <= each.expected : header.sequence < each.expected) {
      return false;
    }
    each.advance(log, header.sequence, ready);
    try {
      each.epoch = header.epoch;
      ready.add(records.logged(current, header, here, end, each));
      each.expected = Math.max(each.expected, to);
      each.passedDamage = false;
    } catch (RecordReader.Damaged e) {
      damaged(current, file, header.size(), String.valueOf(e.getMessage()));
      each.advance(log, to, ready);
    }
    return true;
  }

  private long readable(JournalStream stream, long from) {
    log.lock.lock();
    try {
      return stream.readable(from);
    } finally {
      log.lock.unlock();
    }
  }

  /** A mark says how far streams had come: what was not seen of it is gone. */
  private void told(Segment current, byte[] payload, boolean hole) {
    OwnRecords.mark(Bytes.of(payload))
        .nexts()
        .forEach((id, next) -> {
          Following each = following(current, id);
          if (each != null && hole) {
            each.advance(log, next, Gone.RELEASED, ready);
          } else if (each != null) {
            each.advance(log, next, ready);
          }
        });
  }

  /** At the end of a segment its index says how far streams had come. */
  private void leave(Segment current) {
    if (left == current) {
      return;
    }
    left = current;
    for (Lane lane : current.index.lanes.values()) {
      Following each = following(current, lane.id);
      if (each != null) {
        each.advance(log, lane.next, ready);
      }
    }
  }

  private @Nullable Following following(Segment current) {
    return following(current, header.stream);
  }

  private @Nullable Following following(Segment current, int id) {
    Following known = byId.get(id);
    if (known != null || byId.containsKey(id)) {
      return known;
    }
    Lane lane = current.index.lanes.get(id);
    if (lane == null) {
      return null;
    }
    Following each = wanted.get(lane.name);
    JournalStream stream = log.streams.get(lane.name);
    if (each != null && stream != null && stream.born != lane.born) {
      each = null;
    }
    byId.put(id, each);
    return each;
  }

  private void damaged(Segment current, DiskFile file, long length, String what) {
    log.damages.found(current.name(), file, at, length, what);
    wanted.values().forEach(each -> each.passedDamage = true);
  }

  private void go(Segment next, long offset) {
    segment = next;
    at = offset;
    byId.clear();
  }

  /** Frees what it holds; batches that were given stay their takers'. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Logged logged : ready) {
      if (logged instanceof Logged.Rows rows) {
        rows.batch().close();
      }
    }
    ready.clear();
    wanted.values().forEach(Following::close);
    records.close();
  }
}
