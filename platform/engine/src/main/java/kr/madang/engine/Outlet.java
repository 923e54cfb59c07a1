package kr.madang.engine;

import java.time.Duration;
import java.util.List;
import kr.madang.journal.Appended;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.sdk.batch.Batch;

/**
 * The way into the journal in front of a sink. After a restart the steps work once more on what
 * came behind the last checkpoint; what came out of that and is in the journal already is not put
 * in again.
 */
final class Outlet implements Downstream {
  private static final Duration TURN = Duration.ofMillis(100);
  private static final byte[] NOTHING = {};

  private final String sink;
  private final Journal journal;
  private final JournalStream stream;
  private final Scene scene;
  private final Ends ends;
  private long count;
  private long pending;
  private volatile boolean repeating = true;
  private long order = -1;

  /** Hears when nothing more comes. */
  interface Ends {
    void ended(boolean finished);
  }

  Outlet(String sink, Journal journal, JournalStream stream, Scene scene, Ends ends) {
    this.sink = sink;
    this.journal = journal;
    this.stream = stream;
    this.scene = scene;
    this.ends = ends;
    this.count = stream.next();
  }

  String sink() {
    return sink;
  }

  /** Rows that came this way, ever. */
  synchronized long count() {
    return count;
  }

  /** A checkpoint says how many rows had come. */
  synchronized void count(long rows) {
    count = rows;
  }

  /**
   * The rows that have come, and those that are in the journal.
   *
   * @param emitted while rows are worked on again, also those that had come in an earlier life. If
   *     fewer come again than had come, the steps do not do twice what they did once, and the
   *     ledger shows it.
   */
  record Rows(long emitted, long kept) {}

  /** Consistent, also while a batch is on its way. */
  synchronized Rows rows() {
    long kept = stream.next();
    boolean under = kept == count + pending;
    return new Rows(repeating ? Math.max(count, kept) : under ? kept : count, kept);
  }

  /** Whether it is known that all which had come before has come again. */
  void repeated() {
    repeating = false;
  }

  /** The last record that was appended. */
  long order() {
    return order;
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    int rows = batch.rows();
    try (batch) {
      long known;
      synchronized (this) {
        known = stream.next() - count;
        pending = rows;
      }
      if (known <= 0) {
        append(batch);
      } else if (known < rows) {
        try (Batch rest = Picked.from(batch, (int) known)) {
          append(rest);
        }
      }
      synchronized (this) {
        count += rows;
        pending = 0;
      }
    }
  }

  private void append(Batch batch) throws InterruptedException {
    List<Entry> unit = List.of(Entry.rows(stream, batch, NOTHING));
    StateOfRoom room = new StateOfRoom(scene.state(sink));
    while (true) {
      Appended done = journal.append(unit, TURN);
      if (done.outcome() != Appended.Outcome.FULL) {
        order = done.order();
        room.found();
        return;
      }
      room.missing(journal);
      if (scene.stopping().stopped()) {
        throw new InterruptedException("the journal is full");
      }
    }
  }

  @Override
  public void mark(int source, long number) {}

  @Override
  public void settle() {}

  @Override
  public void end(boolean finished) {
    ends.ended(finished);
  }
}
