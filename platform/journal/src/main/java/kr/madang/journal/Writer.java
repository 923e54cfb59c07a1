package kr.madang.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import kr.madang.journal.JournalStatus.State;
import org.jspecify.annotations.Nullable;

/** Writes the log: one write and one force for all that came meanwhile. One thread. */
final class Writer {
  private static final long IDLE = 50_000_000;
  private static final long LONG = 10_000_000_000L;
  private static final long SWEEP = 1_000_000_000;
  private static final long RETRY = 1_000_000_000;
  private static final long RECHECK = 250_000_000;
  private static final int FORCES = 100;

  /** Percent of the journal in use beyond which old segments are looked through. */
  private static final int CROWDED = 50;

  /** From here on a fifth of a segment is worth a copy of it; at 70 % sources wait. */
  private static final int NEEDY = 60;

  private final Log log;
  private final JournalOptions options;
  private final Intake intake;
  private final Cursors cursors;
  private final Trash trash;
  private final Sweep sweep;
  private final Hollowing hollowing;
  private final Room room;
  private final UUID life;
  private final Seal seal;
  private final long gather;
  final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  // guarded by the log's lock
  private final Set<JournalStream> undefined = new LinkedHashSet<>();
  private final List<JournalStream> droppedStreams = new ArrayList<>();
  private final List<Map.Entry<String, Long>> droppedCursors = new ArrayList<>();

  private @Nullable Head head;
  private long target;
  private boolean firstOfLife = true;
  private long lastSweep = System.nanoTime();
  private long lastCommit;
  private final long[] forces = new long[FORCES];
  private volatile long commits;
  private volatile long slowForce;
  private volatile State state = State.OPEN;
  private volatile String reason = "";
  private volatile boolean sweepAsked;
  private volatile boolean tidy;
  private volatile boolean ended;

  Writer(
      Log log,
      JournalOptions options,
      UUID life,
      Seal seal,
      Room room,
      Intake intake,
      Cursors cursors) {
    this.life = life;
    this.seal = seal;
    this.log = log;
    this.options = options;
    this.intake = intake;
    this.cursors = cursors;
    this.trash = new Trash(log.disk, log.folder);
    this.sweep = new Sweep(log, trash);
    this.hollowing = new Hollowing(log);
    this.room = room;
    this.gather = Sweep.nanos(options.gather());
  }

  /** Until the journal is closed and everything is written, or cannot be. */
  void run() {
    trash.beside(options.threads());
    try {
      while (turn(LONG)) {
        // goes on
      }
    } catch (Throwable e) {
      state = State.FAILING;
      reason = "the journal's thread has ended: " + e;
      intake.refuse(reason, false);
      throw e;
    } finally {
      ended = true;
      log.grown();
    }
  }

  /** One round; false after the last. */
  boolean turn(long atMost) {
    List<Unit> units = intake.next(state == State.OPEN ? gather : 0, pause(atMost));
    boolean closing = log.closed;
    if (!units.isEmpty() || toldToWrite() || closing && worth()) {
      write(units);
    } else if (state != State.OPEN) {
      write(List.of());
    }
    if (state == State.OPEN) {
      intake.flushGaps();
    }
    sweep();
    if (closing && (intake.empty() || state != State.OPEN)) {
      finish();
      return false;
    }
    if (state != State.OPEN && !units.isEmpty()) {
      rest();
    }
    return true;
  }

  private long pause(long atMost) {
    if (log.closed) {
      return 0;
    }
    Head current = head;
    if (current != null && current.unmarked() || !cursors.changed().isEmpty()) {
      return Math.min(atMost, IDLE);
    }
    return state == State.OPEN ? atMost : Math.min(atMost, RECHECK);
  }

  /** Waits before the next attempt; ended by a release and by close. */
  private void rest() {
    intake.pause(state == State.FAILING ? RETRY : RECHECK);
  }

  private boolean toldToWrite() {
    log.lock.lock();
    try {
      if (!undefined.isEmpty() || !droppedStreams.isEmpty() || !droppedCursors.isEmpty()) {
        return true;
      }
    } finally {
      log.lock.unlock();
    }
    return worth() && System.nanoTime() - lastCommit >= IDLE;
  }

  private boolean worth() {
    Head current = head;
    return current != null && current.unmarked() || !cursors.changed().isEmpty();
  }

  // orders from other threads

  void define(JournalStream stream) {
    log.lock.lock();
    try {
      undefined.add(stream);
    } finally {
      log.lock.unlock();
    }
    intake.nudge();
  }

  void drop(List<JournalStream> streams, List<Map.Entry<String, Long>> dropped) {
    log.lock.lock();
    try {
      droppedStreams.addAll(streams);
      droppedCursors.addAll(dropped);
      undefined.removeAll(streams);
    } finally {
      log.lock.unlock();
    }
    sweepAsked = true;
    intake.nudge();
  }

  /** Has all that can be freed inside of segments freed. */
  void tidy() {
    tidy = true;
    sweepAsked = true;
    intake.nudge();
  }

  void released(JournalStream stream) {
    if (!sweepAsked && (state != State.OPEN || sweep.due(stream))) {
      sweepAsked = true;
      intake.nudge();
    }
  }

  // writing

  private void write(List<Unit> units) {
    for (int attempt = 0; ; attempt++) {
      try {
        commit(units);
        state(State.OPEN, "");
        return;
      } catch (Room.None e) {
        if (attempt > 0 || !madeRoom()) {
          state(State.FULL, String.valueOf(e.getMessage()));
          return;
        }
      } catch (IOException e) {
        boolean full = outOfSpace(e);
        fail(full ? null : e);
        if (attempt > 0 || full && !madeRoom()) {
          state(
              full ? State.FULL : State.FAILING,
              "the journal in " + log.folder + " cannot be written: " + e);
          return;
        }
      }
    }
  }

  private boolean outOfSpace(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left") || message.contains("quota exceeded")) {
      return true;
    }
    try {
      return log.disk.usable(log.folder) < 1 << 20;
    } catch (IOException unknown) {
      return false;
    }
  }

  private boolean madeRoom() {
    try {
      sweep.settle();
      cursors.force();
      return sweep.run(true) || hollowing.run(true, false);
    } catch (IOException e) {
      return false;
    }
  }

  private void state(State next, String why) {
    if (next == state && why.equals(reason)) {
      return;
    }
    state = next;
    reason = why;
    intake.refuse(next == State.OPEN ? null : why, next == State.FULL);
  }

  /**
   * The segment is dead: what is not known to be safe is written again to another one.
   *
   * @param why the failure of the disk, which is noted for people even if it heals; null for none
   */
  private void fail(@Nullable IOException why) {
    Head dead = head;
    if (dead != null) {
      if (why != null) {
        log.damages.found(
            Segment.name(dead.segment.number),
            dead.position(),
            "the disk failed ("
                + why.getMessage()
                + "); what was to be written there is in the next segment");
      }
      dead.close();
      dead.segment.sealed = true;
      head = null;
    }
  }

  private void commit(List<Unit> units) throws IOException, Room.None {
    long bytes = 0;
    for (Unit unit : units) {
      bytes += unit.bytes();
    }
    Head current = head;
    if (current == null || !current.fits(bytes)) {
      if (current == null && units.isEmpty() && !owed()) {
        return;
      }
      if (current != null && current.unmarked()) {
        lastMark(current);
      }
      current = roll(bytes);
    }
    long lastOrder = current.segment.index.lastOrder;
    Commit commit = new Commit(log.id.seed(), current.position(), lastOrder);
    List<Cursor> moved = cursors.changed();
    List<SegmentIndex.CursorValue> values = new ArrayList<>();
    List<JournalStream> defined = new ArrayList<>();
    List<JournalStream> ends;
    List<Map.Entry<String, Long>> cursorEnds;
    long now = log.now();
    log.lock.lock();
    try {
      begin(commit, current, now, defined);
      ends = List.copyOf(droppedStreams);
      cursorEnds = List.copyOf(droppedCursors);
    } finally {
      log.lock.unlock();
    }
    for (JournalStream stream : ends) {
      if (stream.id >= 0) {
        commit.dropStream(stream.id, now);
      }
    }
    cursorEnds.forEach(end -> commit.dropCursor(end.getKey(), end.getValue(), now));
    for (Cursor cursor : moved) {
      SegmentIndex.CursorValue value = cursor.unlogged();
      values.add(value == null ? new SegmentIndex.CursorValue(0, null) : value);
      if (value != null) {
        commit.cursor(cursor.name(), value, now);
      }
    }
    place(commit, current, units, now);
    long size = size(current, commit);
    long begun = System.nanoTime();
    current.write(commit, size);
    measured(System.nanoTime() - begun);
    current.written(commit);
    for (int i = 0; i < moved.size(); i++) {
      moved.get(i).logged(values.get(i).counter());
    }
    publish(commit, current, units, defined, ends, cursorEnds);
    if (!units.isEmpty() && intake.empty()) {
      markAhead(current);
    }
  }

  /** A segment ends with a mark, so that its last records need no other's word. */
  private void lastMark(Head current) throws IOException {
    Commit commit = new Commit(log.id.seed(), current.position(), current.segment.index.lastOrder);
    current.mark(commit, log.now());
    current.write(commit, Math.max(current.segment.size, commit.end()));
    current.written(commit);
    publish(commit, current, List.of(), List.of(), List.of(), List.of());
  }

  private void markAhead(Head current) {
    try {
      Commit ahead = new Commit(log.id.seed(), current.position(), current.segment.index.lastOrder);
      current.markAhead(ahead, log.now());
    } catch (IOException e) {
      // the units are safe; only this segment is not to be written any more
      fail(e);
    }
  }

  private boolean owed() {
    // Not under the log's lock: who makes a cursor takes the two the other way round.
    boolean moved = !cursors.changed().isEmpty();
    log.lock.lock();
    try {
      return !undefined.isEmpty()
          || !droppedStreams.isEmpty()
          || !droppedCursors.isEmpty()
          || moved;
    } finally {
      log.lock.unlock();
    }
  }

  /** What stands in front of the units: the index of the segment before, a mark, definitions. */
  private void begin(Commit commit, Head current, long now, List<JournalStream> defined) {
    boolean fresh = current.position() == Layout.FIRST;
    if (fresh) {
      Map.Entry<Long, Segment> before = log.segments.lowerEntry(current.segment.number);
      if (before != null) {
        commit.index(before.getValue(), now);
      }
      for (JournalStream stream : log.streams.values()) {
        define(commit, stream, now, firstOfLife, defined);
      }
    } else {
      current.mark(commit, now);
      for (JournalStream stream : undefined) {
        define(commit, stream, now, true, defined);
      }
    }
  }

  private void define(
      Commit commit, JournalStream stream, long now, boolean twice, List<JournalStream> defined) {
    if (stream.id < 0) {
      intake.identify(stream);
    }
    commit.stream(stream, now, twice);
    defined.add(stream);
  }

  private void place(Commit commit, Head current, List<Unit> units, long now) {
    for (Unit unit : units) {
      for (Outgoing record : unit.records()) {
        JournalStream stream = record.stream;
        if (!current.hasStream(stream.id) && !commit.hasStream(stream.id)) {
          // a dropped one, of which rows were still waiting
          log.lock.lock();
          try {
            commit.stream(stream, now, true);
          } finally {
            log.lock.unlock();
          }
        }
        SchemaOut schema = record.schema;
        if (schema != null && !current.hasSchema(schema.id) && !commit.hasSchema(schema.id)) {
          commit.schema(schema, stream.id, seal, now);
        }
      }
      unit.records().forEach(commit::record);
    }
  }

  private long size(Head current, Commit commit) throws IOException, Room.None {
    long size = current.sizeFor(commit.end(), true);
    if (size > current.segment.size) {
      try {
        room.ask(size - current.segment.size);
      } catch (Room.None e) {
        size = current.sizeFor(commit.end(), false);
        room.ask(size - current.segment.size);
      }
    }
    return size;
  }

  private Head roll(long bytes) throws IOException, Room.None {
    room.ask(Layout.FIRST + bytes);
    target =
        target == 0
            ? options.firstSegment()
            : Math.min(options.lastSegment(), Math.max(target * 2, options.firstSegment()));
    // many of them, since only whole ones can go
    target = Math.clamp(target, 16 << 10, Math.max(room.capacity() / 16, 16 << 10));
    Map.Entry<Long, Segment> last = log.segments.lastEntry();
    Segment before = last == null ? null : last.getValue();
    long number = log.nextSegment;
    SegmentIndex index = new SegmentIndex();
    SegmentHeader header;
    log.lock.lock();
    try {
      if (before != null) {
        index = firstOfLife ? new SegmentIndex() : before.index.inherited();
        index.lastOrder = before.index.lastOrder;
        index.cursors.putAll(before.index.cursors);
      } else {
        index.lastOrder = log.forced;
      }
      header =
          new SegmentHeader(
              Layout.FORMAT,
              log.id.id(),
              number,
              index.lastOrder + 1,
              before == null ? -1 : before.number,
              before == null ? 0 : before.end,
              index.lastOrder,
              before == null ? 0 : before.index.chain,
              log.now(),
              Math.max(log.oldest, 1),
              log.maxEpoch,
              life,
              false,
              0,
              seal.check(),
              0);
    } finally {
      log.lock.unlock();
    }
    String name = Segment.name(number);
    var file = Atomic.create(log.disk, log.folder, name, List.of(header.encode()));
    // only now: a number that was left out would be missed as a segment
    log.nextSegment = number + 1;
    Segment segment =
        new Segment(
            number, log.folder.resolve(name), header, index, Layout.FIRST, Layout.FIRST, false);
    log.segments.put(number, segment);
    fail(null);
    if (before != null) {
      before.sealed = true;
    }
    Head made = new Head(segment, file, target);
    head = made;
    return made;
  }

  private void publish(
      Commit commit,
      Head current,
      List<Unit> units,
      List<JournalStream> defined,
      List<JournalStream> ends,
      List<Map.Entry<String, Long>> cursorEnds) {
    firstOfLife = false;
    lastCommit = System.nanoTime();
    log.lock.lock();
    try {
      commit.take(current.segment.index);
      for (Unit unit : units) {
        for (Outgoing record : unit.records()) {
          record.stream.written(current.segment, record);
        }
      }
      undefined.removeAll(defined);
      droppedStreams.removeAll(ends);
      droppedCursors.removeAll(cursorEnds);
      log.cursors.putAll(current.segment.index.cursors);
      current.segment.end = commit.end();
      if (!units.isEmpty()) {
        log.forced = units.getLast().lastOrder();
      }
      intake.done(units);
    } finally {
      log.lock.unlock();
    }
    intake.free(units);
    commits++;
    room.count();
    log.grown();
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  private void measured(long nanos) {
    forces[(int) (commits % FORCES)] = nanos;
    if (commits % 16 == 0) {
      int count = (int) Math.min(commits + 1, FORCES);
      long[] sorted = Arrays.copyOf(forces, count);
      Arrays.sort(sorted);
      slowForce = sorted[count * 9 / 10];
    }
  }

  // housekeeping

  private void sweep() {
    long now = System.nanoTime();
    if (!sweepAsked && now - lastSweep < SWEEP) {
      return;
    }
    lastSweep = now;
    sweepAsked = false;
    try {
      room.refresh();
      // what was read so far must be safe before the rows go
      sweep.settle();
      if (cursors.changed().isEmpty()) {
        sweep.run(false);
      } else {
        write(List.of());
        if (cursors.changed().isEmpty() || state != State.OPEN) {
          sweep.run(state == State.FULL);
        } else {
          sweepAsked = true;
        }
      }
      hollow();
    } catch (IOException e) {
      state(State.FAILING, "segments in " + log.folder + " cannot be deleted: " + e);
    }
    if (room.count()) {
      intake.freed();
    }
  }

  /** Frees room inside of one segment, if that is asked for or there is little left. */
  private void hollow() throws IOException {
    boolean eager = tidy;
    if (sweepAsked || !eager && room.fill() <= CROWDED) {
      return;
    }
    tidy = false;
    if (hollowing.run(room.fill() > NEEDY, eager)) {
      tidy |= eager;
      sweepAsked = true;
      intake.nudge();
    }
  }

  private void finish() {
    Head current = head;
    if (current != null && state == State.OPEN) {
      try {
        if (current.unmarked()) {
          lastMark(current);
        }
        Witness.write(log.disk, log.folder, log.id, current.segment);
      } catch (IOException e) {
        reason = "the journal in " + log.folder + " could not be closed cleanly: " + e;
      }
      current.close();
      current.segment.sealed = true;
    } else {
      fail(null);
    }
    try {
      trash.empty();
    } catch (IOException e) {
      // what is left goes when the journal is opened
    }
    intake.abandon();
  }

  // status

  State state() {
    return ended ? State.CLOSED : state;
  }

  String reason() {
    return reason;
  }

  long commits() {
    return commits;
  }

  long slowForce() {
    return slowForce;
  }

  void stop() {
    ended = true;
  }

  boolean ended() {
    return ended;
  }
}
