package kr.madang.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.engine.Graph.Delivery;
import kr.madang.journal.Cursor;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * Takes from the journal in front of a sink. In order; or, after an absence, live rows first and
 * what has piled up when there are none.
 */
final class JournalIntake implements Intake {
  private static final int BACK = 0;
  private static final int LIVE = 1;
  private static final long TURN = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long RATE_TURN = TimeUnit.MILLISECONDS.toNanos(5);

  private final String sink;
  private final Scene scene;
  private final Delivery delivery;
  private final Journal journal;
  private final JournalStream stream;
  private final JournalStream letters;
  private final Cursor cursor;
  private final Set<Long> known = new HashSet<>();
  private final SinkPlace start;
  private volatile SinkPlace place;
  private long settledRows;
  private long settledRejected;
  private @Nullable Reader back;
  private @Nullable Reader live;
  private volatile long backRead;
  private volatile long liveRead;
  private final ArrayDeque<Taken> taken = new ArrayDeque<>();
  private double budget;
  private long budgetAt = System.nanoTime();
  private volatile boolean over;
  private volatile boolean finished;
  private volatile long lastOrder = -1;
  private final AtomicLong gone;

  /** A batch that was taken, and how many letters there were before. */
  private record Taken(int lane, long to, long letters) {}

  JournalIntake(
      String sink, Delivery delivery, Streams streams, JournalStream stream, Scene scene) {
    this.sink = sink;
    this.scene = scene;
    this.delivery = delivery;
    this.journal = streams.journal();
    this.stream = stream;
    this.letters = streams.rejected(sink);
    this.cursor = journal.cursor(streams.stage(sink));
    this.start =
        cursor
            .get()
            .map(bytes -> onward(SinkPlace.decode(bytes), stream))
            .orElseGet(() -> SinkPlace.at(stream.epoch(), stream.status().first(), letters.next()));
    this.place = start;
    settled(0, 0);
    this.gone = new AtomicLong(place.gone());
    loadLetters();
    stream.release(lowest());
    try {
      live = reader(place.live());
      liveRead = place.live();
      if (piledUp()) {
        back = reader(place.back());
        backRead = place.back();
      } else {
        split();
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Numbers of an epoch that is over mean nothing; what is still there is delivered. */
  private static SinkPlace onward(SinkPlace was, JournalStream stream) {
    if (was.epoch() == stream.epoch()) {
      return was;
    }
    long from = Math.min(piledUp(was) ? was.back() : was.live(), stream.next());
    return new SinkPlace(
        stream.epoch(), from, from, from, was.in(), was.rejected(), was.gone(), was.letters());
  }

  private static boolean piledUp(SinkPlace place) {
    return place.back() < place.split();
  }

  private boolean piledUp() {
    return piledUp(place);
  }

  private Reader reader(long from) {
    return journal.read(Map.of(stream.name(), from), scene.allocator());
  }

  private void loadLetters() {
    try (Reader reader =
        journal.read(Map.of(letters.name(), place.letters()), scene.letterAllocator())) {
      while (!reader.atEnd()) {
        Logged logged = reader.poll(Duration.ZERO);
        byte @Nullable [] meta =
            switch (logged) {
              case Logged.Rows rows -> {
                rows.batch().close();
                yield rows.meta();
              }
              case Logged.Note note -> note.meta();
              case null, default -> null;
            };
        if (meta != null) {
          Letter letter = Letter.decode(meta);
          for (int offset : letter.offsets()) {
            if (letter.sequence() + offset >= lowest()) {
              known.add(letter.sequence() + offset);
            }
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long lowest() {
    return piledUp() ? place.back() : place.live();
  }

  SinkPlace place() {
    return place;
  }

  /** Rows that were not there any more when their turn came, or will not be. */
  long gone() {
    SinkPlace now = place;
    long ahead = stream.gone(liveRead, Long.MAX_VALUE);
    long behind = piledUp(now) ? stream.gone(backRead, now.split()) : 0;
    return gone.get() + ahead + behind;
  }

  /** Nothing more comes behind a record. */
  void ended(boolean byItself, long order) {
    lastOrder = order;
    finished = byItself;
    over = true;
  }

  @Override
  public @Nullable Item poll(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (true) {
      Item item = piledUp() ? two() : one(Math.min(TURN, end - System.nanoTime()));
      if (item != null || System.nanoTime() - end >= 0 || ended()) {
        return item;
      }
    }
  }

  private @Nullable Item one(long nanos) throws InterruptedException {
    Logged next = current().poll(Duration.ofNanos(Math.max(0, nanos)));
    return next == null ? null : item(next, LIVE);
  }

  private Reader current() {
    Reader reader = live;
    if (reader == null) {
      throw new IllegalStateException("the intake of " + sink + " is closed");
    }
    return reader;
  }

  /** Live rows if there are any, else what has piled up. */
  private @Nullable Item two() throws InterruptedException {
    Logged next = current().poll(Duration.ZERO);
    if (next != null) {
      return item(next, LIVE);
    }
    Reader old = back;
    if (old == null || backRead >= place.split() || !mayDrain()) {
      next = current().poll(Duration.ofNanos(old == null ? TURN : RATE_TURN));
      return next == null ? null : item(next, LIVE);
    }
    next = old.poll(Duration.ZERO);
    if (next == null) {
      return null;
    }
    return item(next, BACK);
  }

  private boolean mayDrain() {
    if (delivery.drainRate() == 0) {
      return true;
    }
    long now = System.nanoTime();
    budget =
        Math.min(
            delivery.drainRate() / 10.0 + 1,
            budget + (now - budgetAt) / 1e9 * delivery.drainRate());
    budgetAt = now;
    return budget > 0;
  }

  private @Nullable Item item(Logged logged, int lane) {
    return switch (logged) {
      case Logged.Rows rows -> {
        long to = rows.sequence() + rows.batch().rows();
        if (lane == BACK) {
          budget -= rows.batch().rows();
        }
        yield taken(rows.batch(), lane, to);
      }
      case Logged.Gap gap -> {
        long to = lane == BACK ? Math.min(gap.to(), place.split()) : gap.to();
        Item item = taken(null, lane, to);
        gone.addAndGet(Math.max(0, to - gap.sequence()));
        scene
            .log()
            .error(
                "sink {}: rows {} to {} of its journal are gone: {}",
                sink,
                gap.sequence(),
                to - 1,
                gap.cause());
        yield item;
      }
      case Logged.Note _ -> null;
    };
  }

  private Item taken(@Nullable Batch batch, int lane, long to) {
    if (lane == BACK) {
      backRead = to;
    } else {
      liveRead = to;
    }
    taken.add(new Taken(lane, to, letters.next()));
    return new Item(batch, lane, to);
  }

  @Override
  public Batch stamp(Batch batch, long taken) {
    return batch.retainAs(scene.stream(sink), batch.epoch(), batch.sequence());
  }

  @Override
  public boolean letterKept(long sequence) {
    return known.contains(sequence);
  }

  @Override
  public void settled(long rows, long rejected) {
    settledRows = start.in() + rows;
    settledRejected = start.rejected() + rejected;
  }

  @Override
  public void passed(int lane, long mark) {
    long open = letters.next();
    for (Taken first = taken.peek(); first != null; first = taken.peek()) {
      if (first.lane != lane || first.to > mark) {
        open = first.letters;
        break;
      }
      taken.remove();
    }
    // What was taken before the split came on the lane that is now the live one.
    boolean old = lane == BACK || (piledUp() && mark <= place.split());
    boolean drained = old && mark >= place.split();
    long at = old ? place.live() : mark;
    long behind = drained ? at : old ? mark : piledUp() ? place.back() : at;
    place =
        new SinkPlace(
            place.epoch(),
            behind,
            drained || !piledUp() ? at : place.split(),
            at,
            settledRows,
            settledRejected,
            gone.get(),
            open);
    if (drained && back != null) {
      back.close();
      back = null;
      scene.log().info("sink {}: what had piled up is delivered", sink);
    }
    cursor.set(place.encode());
    stream.release(lowest());
    if (!known.isEmpty()) {
      known.removeIf(sequence -> sequence < lowest());
    }
  }

  @Override
  public void back() {
    if (delivery.liveFirst() && !piledUp() && !over) {
      split();
    }
  }

  /** From now on live rows go before those that have piled up. */
  private void split() {
    long next = stream.next();
    if (!delivery.liveFirst() || piledUp() || next <= place.live()) {
      return;
    }
    Reader old = live;
    long from = liveRead;
    live = reader(next);
    liveRead = next;
    back = old;
    backRead = from;
    place =
        new SinkPlace(
            place.epoch(),
            place.live(),
            next,
            next,
            settledRows,
            settledRejected,
            gone.get(),
            place.letters());
    cursor.set(place.encode());
    scene.log().info("sink {}: live rows go first, {} have piled up", sink, next - from);
  }

  @Override
  public boolean ended() {
    if (scene.aborted().stopped()) {
      return true;
    }
    if (!over) {
      return false;
    }
    boolean all =
        journal.forced() >= lastOrder
            && current().atEnd()
            && (back == null || backRead >= place.split());
    return all || (!finished && scene.graceOver());
  }

  @Override
  public boolean keepsRest() {
    return true;
  }

  @Override
  public Stopper patience() {
    return scene.stopping();
  }

  @Override
  public void close() {
    if (live != null) {
      live.close();
      live = null;
    }
    if (back != null) {
      back.close();
      back = null;
    }
  }
}
