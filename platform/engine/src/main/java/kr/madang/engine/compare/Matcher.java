package kr.madang.engine.compare;

import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Brings the rows of two results together that have the same key; rows of one key in their order.
 * Both are read side by side, ordered by time as they come; a row may come up to {@link #LOOK_BACK}
 * rows later than its time says. A row is given up when the other side has moved beyond its time by
 * that many rows, so gaps of any length cost no memory.
 */
final class Matcher {
  /** How many rows late a row may come. */
  static final int LOOK_BACK = 4096;

  /** The most rows that may wait on one side. */
  static final int MOST_WAITING = 1 << 18;

  private static final long MOST_CELLS = 1L << 22;

  private final Layout layout;
  private final Outcome outcome;
  private final Side a;
  private final Side b;
  private final int mostWaiting;
  private final ArrayDeque<Row> free = new ArrayDeque<>();
  private long givenUp;

  Matcher(RowSource a, RowSource b, Layout layout, Outcome outcome) {
    this.layout = layout;
    this.outcome = outcome;
    mostWaiting = Math.clamp(MOST_CELLS / Math.max(1, layout.cells()), 64, MOST_WAITING);
    int lookBack = Math.min(LOOK_BACK, mostWaiting / 2);
    this.a = new Side(a, lookBack);
    this.b = new Side(b, lookBack);
  }

  /** What becomes of the rows. A row is reused when the call has returned. */
  interface Outcome {
    /** A row was read; called once for each row, in its order on its side. */
    void read(boolean ofA, Row row);

    /** Two rows have the same key. */
    void pair(Row a, Row b);

    /** A row has no partner. */
    void alone(boolean ofA, Row row);
  }

  /** Reads both sides to their ends. */
  void run() throws IOException {
    while (!a.ended || !b.ended) {
      boolean ofA = b.ended || !a.ended && a.isBehind(b);
      if (ofA) {
        step(a, b, true);
      } else {
        step(b, a, false);
      }
    }
  }

  /** Rows that were given up although the other side had not come to their time. */
  long givenUp() {
    return givenUp;
  }

  private void step(Side side, Side other, boolean ofA) throws IOException {
    Row row = free.poll();
    if (row == null) {
      row = new Row(layout);
    }
    if (side.next(row)) {
      outcome.read(ofA, row);
      Row partner = other.waiting.take(row);
      if (partner != null) {
        outcome.pair(ofA ? row : partner, ofA ? partner : row);
        free.push(partner);
        free.push(row);
      } else {
        side.waiting.add(row);
        if (side.waiting.size() > mostWaiting) {
          givenUp++;
          alone(side, ofA);
        }
      }
    } else {
      side.ended = true;
      free.push(row);
    }
    giveUp(side, other, ofA);
    giveUp(other, side, !ofA);
  }

  /** Gives up what the other side will not have any more. */
  private void giveUp(Side side, Side other, boolean ofA) {
    @Nullable Row oldest = side.waiting.oldest();
    while (oldest != null && (other.ended || oldest.order < other.front.get())) {
      alone(side, ofA);
      oldest = side.waiting.oldest();
    }
  }

  private void alone(Side side, boolean ofA) {
    Row row = side.waiting.takeOldest();
    outcome.alone(ofA, row);
    free.push(row);
  }

  private static final class Side {
    private final RowSource source;
    final SlidingMin front;
    final Waiting waiting = new Waiting();
    boolean ended;
    private long read;
    private long order = Long.MIN_VALUE;

    Side(RowSource source, int lookBack) {
      this.source = source;
      this.front = new SlidingMin(lookBack);
    }

    boolean next(Row row) throws IOException {
      if (!source.next(row)) {
        return false;
      }
      read++;
      order = row.timed ? row.time : order;
      row.order = order;
      front.add(order);
      return true;
    }

    /** Whether this side is the one to read from: earlier in time, or with fewer rows read. */
    boolean isBehind(Side other) {
      long here = front.get();
      long there = other.front.get();
      return here < there || here == there && read <= other.read;
    }
  }
}
