package kr.madang.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import kr.madang.journal.Appended.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Takes units, gives them their numbers and queues them, or does what a full stream, queue or disk
 * asks for.
 */
final class Intake {
  /** Bytes that may wait to be written. */
  static final long QUEUE = 8L << 20;

  // a commit begins when so much waits, or when the first record has waited long enough
  static final int ENOUGH_RECORDS = 256;
  static final long ENOUGH_BYTES = 1L << 20;

  /** A commit takes no more than this, but for a unit that is bigger by itself. */
  private static final long MOST_BYTES = 4L << 20;

  /** Who waits looks again after so long: others may have made room on the disk. */
  private static final long LOOK = 200_000_000;

  private final Log log;
  private final Room growth;
  private final Slabs slabs = new Slabs();
  private final Encoder encoder;
  private final RecordHeader header;

  // guarded by the log's lock
  private final Condition work;
  private final Condition room;
  private final Deque<Unit> queue = new ArrayDeque<>();
  private int queuedRecords;
  private long queuedBytes;
  private int streams;
  private boolean gathering;
  private @Nullable String refuses;
  private boolean full;
  private int waiting;
  private boolean nudged;
  private volatile boolean moved;

  Intake(Log log, Seal seal, Room growth) {
    this.growth = growth;
    this.encoder = new Encoder(slabs, new AtomicInteger(), seal);
    this.log = log;
    this.header = new RecordHeader(log.id.seed());
    this.work = log.lock.newCondition();
    this.room = log.lock.newCondition();
  }

  Appended append(List<Entry> unit, long atMost) {
    List<Outgoing> records = new ArrayList<>(unit.size() + 1);
    boolean taken = false;
    try {
      long bytes = 0;
      for (Entry entry : unit) {
        Outgoing record = encoder.encode(entry);
        records.add(record);
        bytes += record.size();
      }
      Appended appended = append(records, bytes, atMost);
      taken = appended.outcome() == Outcome.TAKEN;
      return appended;
    } finally {
      if (!taken) {
        records.forEach(record -> record.free(slabs));
      }
    }
  }

  private Appended append(List<Outgoing> records, long bytes, long atMost) {
    boolean interrupted = false;
    long end = System.nanoTime() + atMost;
    long left = atMost;
    log.lock.lock();
    try {
      while (true) {
        if (log.closed) {
          throw new IllegalStateException("the journal in " + log.folder + " is closed");
        }
        @Nullable Full policy = hindrance(records, bytes, left <= 0);
        if (policy == null) {
          return new Appended(Outcome.TAKEN, enqueue(records, bytes));
        }
        if (policy == Full.DROP_NEWEST) {
          drop(records);
          return new Appended(Outcome.DROPPED, -1);
        }
        if (policy == Full.DROP_OLDEST) {
          continue;
        }
        if (left <= 0) {
          return new Appended(Outcome.FULL, -1);
        }
        try {
          waiting++;
          room.awaitNanos(Math.min(left, LOOK));
        } catch (InterruptedException e) {
          interrupted = true;
        } finally {
          waiting--;
        }
        left = end - System.nanoTime();
      }
    } finally {
      log.lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * What to do before the records can be taken: nothing (null), wait, drop them, or ask again since
   * the oldest were dropped.
   */
  private @Nullable Full hindrance(List<Outgoing> records, long bytes, boolean late) {
    boolean blocks = false;
    boolean dropsNewest = false;
    for (Outgoing record : records) {
      switch (record.stream.options.full()) {
        case BLOCK -> blocks = true;
        case DROP_NEWEST -> dropsNewest = true;
        case DROP_OLDEST -> {}
      }
    }
    Full newest = blocks ? Full.BLOCK : dropsNewest ? Full.DROP_NEWEST : Full.DROP_OLDEST;
    boolean crowded =
        queuedBytes > 0 && queuedBytes + bytes > Math.min(QUEUE, growth.capacity() / 4);
    if (refuses != null || crowded) {
      if (newest == Full.DROP_NEWEST && (full || late)) {
        return Full.DROP_NEWEST;
      }
      if (full && newest == Full.DROP_OLDEST && dropOldest(records)) {
        nudge();
      }
      return Full.BLOCK;
    }
    if (beyondShare(records, bytes)) {
      if (newest == Full.DROP_OLDEST) {
        dropOldestSegment();
      }
      nudged = true;
      work.signal();
      return newest == Full.DROP_NEWEST ? newest : Full.BLOCK;
    }
    for (Outgoing record : records) {
      JournalStream stream = record.stream;
      long live = stream.live();
      long most = stream.options.bytes();
      if (live > 0 && live + record.size() > most) {
        if (newest != Full.DROP_OLDEST) {
          return newest;
        }
        if (!dropOldest(stream, live + record.size() - most + most / 16)) {
          return Full.BLOCK;
        }
        return Full.DROP_OLDEST;
      }
    }
    return null;
  }

  private boolean beyondShare(List<Outgoing> records, long bytes) {
    int share = 100;
    for (Outgoing record : records) {
      share = Math.min(share, record.stream.options.share());
    }
    return share < 100 && growth.beyond(share, queuedBytes + bytes);
  }

  /** Drops what is needed of the oldest segment, if that may be; then it can be deleted. */
  private void dropOldestSegment() {
    Map.Entry<Long, Segment> first = log.segments.firstEntry();
    if (first == null || log.segments.size() == 1) {
      return;
    }
    Map<JournalStream, Long> needed = new LinkedHashMap<>();
    for (Lane lane : first.getValue().index.lanes.values()) {
      JournalStream stream = log.streams.get(lane.name);
      if (lane.any() && stream != null && stream.born == lane.born && lane.last > stream.bound()) {
        if (stream.options.full() != Full.DROP_OLDEST || stream.droppable() < 0) {
          return;
        }
        if (lane.last > stream.droppable()) {
          needed.put(stream, lane.last);
        }
      }
    }
    needed.forEach(this::dropTo);
    needed.keySet().forEach(log.released);
  }

  private boolean dropOldest(List<Outgoing> records) {
    boolean dropped = false;
    for (Outgoing record : records) {
      JournalStream stream = record.stream;
      dropped |= dropOldest(stream, Math.max(stream.options.bytes(), stream.spanBytes) / 8);
    }
    return dropped;
  }

  /** Drops the oldest rows of a stream, so many bytes at least; false if there is none to drop. */
  private boolean dropOldest(JournalStream stream, long bytes) {
    long to = stream.boundAfter(bytes);
    if (to <= stream.droppable()) {
      return false;
    }
    dropTo(stream, to);
    return true;
  }

  private void dropTo(JournalStream stream, long to) {
    long from = stream.droppable();
    stream.dropTo(to);
    Gone before = stream.unwritten;
    if (before != null && !before.cause().equals(Gone.DROP_OLDEST)) {
      enqueueGap(stream, before);
      before = null;
    }
    stream.unwritten = new Gone(before == null ? from : before.from(), to, Gone.DROP_OLDEST);
    nudge();
  }

  private void drop(List<Outgoing> records) {
    for (Outgoing record : records) {
      JournalStream stream = record.stream;
      if (record.rows == 0) {
        continue;
      }
      long from = stream.next;
      stream.next += record.rows;
      stream.goneFrom(from, stream.next, Gone.DROP_NEWEST);
      Gone before = stream.unwritten;
      if (before != null && !(before.cause().equals(Gone.DROP_NEWEST) && before.to() == from)) {
        enqueueGap(stream, before);
        before = null;
      }
      stream.unwritten =
          new Gone(before == null ? from : before.from(), stream.next, Gone.DROP_NEWEST);
    }
    if (refuses == null) {
      nudge();
    }
  }

  private long enqueue(List<Outgoing> records, long bytes) {
    long all = bytes;
    for (Outgoing record : List.copyOf(records)) {
      Gone gap = record.stream.unwritten;
      if (gap != null) {
        record.stream.unwritten = null;
        Outgoing marker = encoder.gap(record.stream, gap);
        records.addFirst(marker);
        all += marker.size();
      }
    }
    long now = log.now();
    long last = records.size() - 1;
    for (int i = 0; i <= last; i++) {
      Outgoing record = records.get(i);
      JournalStream stream = record.stream;
      if (stream.id < 0) {
        identify(stream);
      }
      Gone gap = record.gone;
      record.epoch = stream.epoch;
      record.sequence = gap == null ? stream.next : gap.from();
      stream.next = gap == null ? stream.next + record.rows : stream.next;
      stream.queued += record.size();
      record.order = ++log.lastOrder;
      record.time = now;
      record.more = i < last;
      record.number(header);
    }
    queue.addLast(new Unit(records, all, System.nanoTime()));
    queuedRecords += records.size();
    queuedBytes += all;
    if (!gathering || queuedRecords >= ENOUGH_RECORDS || queuedBytes >= ENOUGH_BYTES) {
      work.signal();
    }
    return log.lastOrder;
  }

  private void enqueueGap(JournalStream stream, Gone gap) {
    Outgoing marker = encoder.gap(stream, gap);
    stream.unwritten = null;
    List<Outgoing> unit = new ArrayList<>();
    unit.add(marker);
    enqueue(unit, marker.size());
  }

  /** Gives a stream its number in this life of the journal. */
  void identify(JournalStream stream) {
    if (streams >= Layout.MOST_STREAMS - 1) {
      throw new IllegalStateException(
          "the journal in "
              + log.folder
              + " had "
              + streams
              + " streams since it was opened; open it again to have more");
    }
    stream.id = streams++;
  }

  // the writer's side

  /** Writes markers of dropped rows down when no rows come that would bring them. */
  void flushGaps() {
    log.lock.lock();
    try {
      if (refuses != null || log.closed) {
        return;
      }
      for (JournalStream stream : log.streams.values()) {
        Gone gap = stream.unwritten;
        if (gap != null && !stream.dropped) {
          enqueueGap(stream, gap);
        }
      }
    } finally {
      log.lock.unlock();
    }
  }

  /** A gap marker for rows that were found damaged. */
  void damaged(JournalStream stream, long from, long to) {
    log.lock.lock();
    try {
      if (!stream.dropped && !log.closed && stream.goneFrom(from, to, Gone.DAMAGED)) {
        enqueueGap(stream, new Gone(from, to, Gone.DAMAGED));
      }
    } finally {
      log.lock.unlock();
    }
  }

  /**
   * The units of the next commit, in order; empty if there was nothing to do in time.
   *
   * @param gather how long the first unit may wait for others
   * @param atMost how long to wait for a first one, in nanoseconds
   */
  List<Unit> next(long gather, long atMost) {
    log.lock.lock();
    try {
      long end = System.nanoTime() + atMost;
      while (queue.isEmpty() && !nudged) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          break;
        }
        await(left);
      }
      nudged = false;
      moved = false;
      Unit first = queue.peekFirst();
      if (first == null) {
        return List.of();
      }
      long due = first.since() + gather;
      gathering = true;
      while (queuedRecords < ENOUGH_RECORDS && queuedBytes < ENOUGH_BYTES && !log.closed) {
        long left = due - System.nanoTime();
        if (left <= 0) {
          break;
        }
        await(left);
      }
      gathering = false;
      List<Unit> units = new ArrayList<>();
      long bytes = 0;
      long most = Math.min(MOST_BYTES, growth.capacity() / 8);
      for (Unit unit : queue) {
        if (!units.isEmpty() && bytes + unit.bytes() > most) {
          break;
        }
        units.add(unit);
        bytes += unit.bytes();
      }
      return units;
    } finally {
      gathering = false;
      log.lock.unlock();
    }
  }

  private void await(long nanos) {
    try {
      work.awaitNanos(nanos);
    } catch (InterruptedException e) {
      // the writer ends by close alone
    }
  }

  /** Takes units off the queue that are safe; under the log's lock. */
  void done(List<Unit> units) {
    for (Unit unit : units) {
      queue.removeFirst();
      queuedRecords -= unit.records().size();
      queuedBytes -= unit.bytes();
      for (Outgoing record : unit.records()) {
        record.stream.queued -= record.size();
      }
    }
    if (waiting > 0) {
      room.signalAll();
    }
  }

  /** Frees the memory of units that are done. */
  void free(List<Unit> units) {
    for (Unit unit : units) {
      for (Outgoing record : unit.records()) {
        record.free(slabs);
      }
    }
  }

  /** Gives up what waits; at the end. */
  void abandon() {
    log.lock.lock();
    try {
      List<Unit> left = List.copyOf(queue);
      done(left);
      free(left);
    } finally {
      log.lock.unlock();
    }
  }

  /** Says that nothing more is taken, and why; null when it is again. */
  void refuse(@Nullable String why, boolean forRoom) {
    log.lock.lock();
    try {
      refuses = why;
      full = forRoom && why != null;
      room.signalAll();
    } finally {
      log.lock.unlock();
    }
  }

  /** Lets the writer wait until it is nudged. */
  void pause(long nanos) {
    log.lock.lock();
    try {
      long end = System.nanoTime() + nanos;
      while (!nudged && !log.closed) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return;
        }
        await(left);
      }
    } finally {
      log.lock.unlock();
    }
  }

  /** Wakes appenders that wait for room. */
  void freed() {
    log.lock.lock();
    try {
      room.signalAll();
    } finally {
      log.lock.unlock();
    }
  }

  boolean empty() {
    log.lock.lock();
    try {
      return queue.isEmpty();
    } finally {
      log.lock.unlock();
    }
  }

  /** A cursor has moved: it is written with the next commit, which need not come at once. */
  void changed() {
    if (!moved) {
      moved = true;
      nudge();
    }
  }

  /** Wakes the writer, and appenders that wait for room. */
  void nudge() {
    log.lock.lock();
    try {
      nudged = true;
      work.signal();
      if (waiting > 0) {
        room.signalAll();
      }
    } finally {
      log.lock.unlock();
    }
  }
}
