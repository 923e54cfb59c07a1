package kr.madang.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.journal.Appended;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.source.Position;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a source gives into the journal: its rows, where it stood behind them, and what it
 * rejected on the way there, all or nothing. A batch is accepted when it is forced.
 */
final class SourceLog implements Downstream {
  private static final Duration TURN = Duration.ofMillis(100);
  private static final int MOST_TEXTS = 1_000;

  /** So many gaps in a row are looked behind for a position. */
  private static final int MOST_GAPS = 100;

  private record Mark(long number, long order) {}

  private final String source;
  private final Streams streams;
  private final JournalStream stream;
  private final Scene scene;
  private final Acks acks;
  private final Arrivals arrivals;
  private final int index;
  private final List<Entry> texts = new ArrayList<>();
  private final ArrayDeque<Mark> unforced = new ArrayDeque<>();
  private final Runnable listener = this::forced;
  private final byte[] remembered;
  private @Nullable Position position;
  private long last = -1;

  /**
   * A log.
   *
   * @param remembered where the source stood by the last checkpoint
   */
  SourceLog(
      String source,
      int index,
      byte[] remembered,
      Streams streams,
      JournalStream stream,
      Arrivals arrivals,
      Scene scene) {
    this.source = source;
    this.index = index;
    this.remembered = remembered;
    this.streams = streams;
    this.stream = stream;
    this.arrivals = arrivals;
    this.scene = scene;
    this.acks = scene.acks(index);
    streams.journal().onForced(listener);
  }

  /** The number that the next row gets. */
  long next() {
    return stream.next();
  }

  long epoch() {
    return stream.epoch();
  }

  /** Where the source stood behind the last row that is in the journal, or was. */
  Optional<Position> resume() {
    for (int back = 0; back < MOST_GAPS; back++) {
      Logged logged = streams.journal().latest(stream, back, scene.allocator()).orElse(null);
      byte[] meta =
          switch (logged) {
            case Logged.Rows rows -> {
              rows.batch().close();
              yield rows.meta();
            }
            case Logged.Note note -> note.meta();
            case null, default -> null;
          };
      if (meta != null && meta.length > 0) {
        return decode(meta);
      }
      if (!(logged instanceof Logged.Gap)) {
        break;
      }
    }
    return decode(remembered);
  }

  private static Optional<Position> decode(byte[] meta) {
    return meta.length == 0
        ? Optional.empty()
        : Optional.of(new Position(new String(meta, StandardCharsets.UTF_8)));
  }

  /** Where the source stands behind the batch that comes next. */
  void at(@Nullable Position behind) {
    if (behind != null) {
      position = behind;
    }
  }

  /** A row that never became part of a batch; kept together with the next batch. */
  synchronized void reject(String row, String why) {
    texts.add(scene.letters().text(source, row, why));
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    try (batch) {
      append(Entry.rows(stream, batch, meta()), batch.rows());
    }
  }

  private byte[] meta() {
    Position behind = position;
    return behind == null ? new byte[0] : behind.value().getBytes(StandardCharsets.UTF_8);
  }

  /** Tells of a position behind no rows, and of texts that wait for rows which do not come. */
  void note() throws InterruptedException {
    append(Entry.mark(stream, meta()), 0);
  }

  /** Whether so many texts wait that they should not wait any longer. */
  synchronized boolean crowded() {
    return texts.size() >= MOST_TEXTS;
  }

  /** Whether texts wait for the next batch. */
  synchronized boolean waiting() {
    return !texts.isEmpty();
  }

  private void append(Entry entry, int rows) throws InterruptedException {
    List<Entry> unit;
    synchronized (this) {
      unit = new ArrayList<>(texts);
      texts.clear();
    }
    unit.add(entry);
    StateOfRoom room = new StateOfRoom(scene.state(source));
    while (true) {
      Appended done = streams.journal().append(unit, TURN);
      switch (done.outcome()) {
        case TAKEN, DROPPED -> {
          last = done.order();
          room.found();
          return;
        }
        case FULL -> {
          room.missing(streams.journal());
          if (scene.stopping().stopped()) {
            // It was not accepted; a source with positions gives it again.
            scene.account(source).unaccepted(rows);
            throw new InterruptedException("the journal is full");
          }
        }
      }
    }
  }

  @Override
  public void mark(int source, long number) {
    synchronized (unforced) {
      unforced.add(new Mark(number, last));
    }
    forced();
  }

  private void forced() {
    long upTo = streams.journal().forced();
    long number = -1;
    synchronized (unforced) {
      while (!unforced.isEmpty() && unforced.peek().order <= upTo) {
        number = unforced.remove().number;
      }
    }
    if (number >= 0) {
      acks.accept(0, number);
    }
  }

  @Override
  public void settle() {}

  @Override
  public void end(boolean finished) throws InterruptedException {
    try {
      if (waiting() && !scene.aborted().stopped()) {
        note();
      }
    } finally {
      arrivals.ended(index, finished, last);
    }
  }

  /** Nothing is asked of the journal any more. */
  void close() {
    streams.journal().removeListener(listener);
  }

  Journal journal() {
    return streams.journal();
  }
}
