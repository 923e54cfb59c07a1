package kr.madang.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One durable log with many streams in it, all forced by the same write. Streams are appended to by
 * one thread each at a time; everything else may be called from any thread. Errors are {@link
 * kr.madang.sdk.error.PluginException} with code EXHAUSTED for the disk and CONFIG_INVALID for a
 * folder that is no journal of ours or of a newer format.
 */
public final class Journal implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(30);

  private final Log log;
  private final Room room;
  private final Intake intake;
  private final Cursors cursors;
  private final Writer writer;
  private @Nullable Thread thread;

  private Journal(Log log, JournalOptions options) {
    this.log = log;
    UUID life = UUID.randomUUID();
    Seal seal = new Seal(options.compress(), options.key(), life);
    this.room = new Room(log, options);
    this.intake = new Intake(log, seal, room);
    this.cursors = new Cursors(log, intake::changed);
    this.writer = new Writer(log, options, life, seal, room, intake, cursors);
    log.lost = intake::damaged;
    log.released = writer::released;
  }

  /** Opens the journal in a folder, or makes it; finds out what is damaged. */
  public static Journal open(Path folder, JournalOptions options) {
    Journal journal = stepped(folder, options);
    Thread thread = options.threads().newThread(journal.writer::run);
    journal.thread = thread;
    thread.start();
    return journal;
  }

  /** The same without a thread: nothing is written but by {@link #step}. */
  static Journal stepped(Path folder, JournalOptions options) {
    return new Journal(Recovery.run(folder, options, true), options);
  }

  /** Does one round of what the journal's thread does. */
  boolean step() {
    return writer.turn(0);
  }

  /** A stream, made if it is new; options given later replace earlier ones. */
  public JournalStream stream(String name, StreamOptions options) {
    JournalStream stream;
    log.lock.lock();
    try {
      open();
      stream = log.streams.get(name);
      if (stream != null && stream.options.equals(options)) {
        return stream;
      }
      if (stream == null) {
        stream = new JournalStream(log, name, log.newEpoch(), options);
        log.streams.put(name, stream);
      } else {
        stream.options = options;
      }
    } finally {
      log.lock.unlock();
    }
    writer.define(stream);
    return stream;
  }

  /** A stream that is there. */
  public Optional<JournalStream> find(String name) {
    return Optional.ofNullable(log.streams.get(name));
  }

  /** All streams, by name. */
  public List<JournalStream> streams() {
    return log.streams.values().stream().sorted(Comparator.comparing(s -> s.name)).toList();
  }

  /**
   * Takes records as one unit: after a crash all of them are there or none. Returns before they are
   * safe.
   *
   * @param atMost how long to wait for room, in a stream that blocks; an interrupt does not end it
   */
  public Appended append(List<Entry> unit, Duration atMost) {
    if (unit.isEmpty()) {
      throw new IllegalArgumentException("expected at least one record to append, got none");
    }
    for (Entry entry : unit) {
      JournalStream stream = entry.stream();
      if (stream.log != log || stream.dropped) {
        throw new IllegalArgumentException(
            "stream " + stream.name + " was dropped or is of another journal");
      }
    }
    return intake.append(unit, Sweep.nanos(atMost));
  }

  /** Records up to this number are safe. */
  public long forced() {
    return log.forced;
  }

  /**
   * Waits until a record is safe.
   *
   * @return whether it is
   */
  public boolean awaitForced(long order, Duration atMost) throws InterruptedException {
    log.await(() -> log.forced >= order || writer.ended(), Sweep.nanos(atMost));
    return log.forced >= order;
  }

  /** Has a call made after each forced write, on the journal's thread; it must be short. */
  public void onForced(Runnable listener) {
    writer.listeners.add(listener);
  }

  /** Takes a listener away. */
  public void removeListener(Runnable listener) {
    writer.listeners.remove(listener);
  }

  /**
   * Reads forced records of some streams in the order of their append, which goes on as records
   * come. Rows below the given number of their stream are left out; rows of a record that lies
   * across it are given from that number on.
   *
   * <p>Who asks for rows that the stream has not got to yet has seen more of it than is left: the
   * end of the log is lost. That is noted as damage, and the stream goes on from there in a new
   * epoch.
   *
   * @param from the first row wanted, by stream
   */
  public Reader read(Map<String, Long> from, BufferAllocator allocator) {
    open();
    from.forEach(this::reach);
    return new Reader(log, from, allocator);
  }

  private void reach(String name, long from) {
    JournalStream stream = log.streams.get(name);
    if (stream == null) {
      return;
    }
    long lost;
    log.lock.lock();
    try {
      lost = from - stream.next;
      if (lost <= 0) {
        return;
      }
      stream.unwritten = new Gone(stream.next, from, Gone.DAMAGED);
      stream.goneFrom(stream.next, from, Gone.DAMAGED);
      stream.next = from;
      stream.epoch = log.newEpoch();
    } finally {
      log.lock.unlock();
    }
    log.damages.found(
        "stream " + name,
        from,
        "a reader has seen rows up to "
            + from
            + ", the log ends "
            + lost
            + " rows before: its end is lost; the stream goes on in a new epoch");
    writer.define(stream);
  }

  /**
   * The latest record of a stream; a gap if it is damaged, empty if there is none.
   *
   * @param back 0 for the latest, 1 for the one before it, and so on
   */
  public Optional<Logged> latest(JournalStream stream, int back, BufferAllocator allocator) {
    open();
    return new Latest(log, stream, allocator).find(back);
  }

  /** A place in a stream that outlives a restart, made if it is new. */
  public Cursor cursor(String name) {
    open();
    return cursors.of(name);
  }

  /** Forgets streams and cursors; their room is freed with the segments they lie in. */
  public void drop(List<String> streams, List<String> cursors) {
    List<JournalStream> gone = new ArrayList<>();
    log.lock.lock();
    try {
      open();
      for (String name : streams) {
        JournalStream stream = log.streams.remove(name);
        if (stream != null) {
          stream.dropped = true;
          gone.add(stream);
        }
      }
    } finally {
      log.lock.unlock();
    }
    List<Map.Entry<String, Long>> ends = new ArrayList<>();
    for (String name : cursors) {
      try {
        ends.add(Map.entry(name, this.cursors.drop(name)));
      } catch (IOException e) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, "cursor " + name + " cannot be deleted: " + e, e);
      }
    }
    writer.drop(gone, ends);
  }

  /** Frees what can be freed inside of segments, however little. */
  void tidy() {
    writer.tidy();
  }

  /** Percent in use, of its own bound or of what the disk has, whichever is less. Cheap. */
  public int fill() {
    return room.fill();
  }

  /** How it is. */
  public JournalStatus status() {
    long bytes = 0;
    for (Segment segment : log.segments.values()) {
      bytes += segment.allocated;
    }
    return new JournalStatus(
        writer.state(),
        writer.reason(),
        bytes,
        log.segments.size(),
        writer.commits(),
        writer.slowForce(),
        log.damages.latest(),
        log.damages.total());
  }

  /** Forces what was appended, writes the footer, and frees everything. Readers end. */
  @Override
  public void close() {
    if (log.closed) {
      return;
    }
    log.closed = true;
    intake.nudge();
    log.grown();
    Thread running = thread;
    if (running == null) {
      while (writer.turn(0)) {
        // until all is written
      }
      writer.stop();
    } else {
      log.awaitCalmly(writer::ended, END.toNanos());
    }
    cursors.close();
  }

  private void open() {
    if (log.closed) {
      throw new IllegalStateException("the journal in " + log.folder + " is closed");
    }
  }
}
