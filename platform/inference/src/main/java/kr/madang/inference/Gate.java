package kr.madang.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many runs go on at once in this process and says who is next: of the lines that wait the
 * one that has had the least, by weight, of estimated compute time. This is start-time fair
 * queueing (Goyal, Vin and Cheng, SIGCOMM 1996); an estimate that was wrong is put right when the
 * run has ended. Any thread.
 */
final class Gate {
  private static final Comparator<Place> ORDER =
      Comparator.comparingInt((Place place) -> place.priority).thenComparingLong(p -> p.number);

  /** Whoever has asked will likely ask again so soon. */
  private static final long SOON = 1_000_000_000L;

  private final boolean strict;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Line> waiting = new ArrayList<>();
  private int permits;
  private int free;
  private double clock;
  private long numbers;
  private long queuedCost;
  private @Nullable Runnable guest;
  private boolean guested;
  private @Nullable Line latest;
  private long latestAt;
  private @Nullable Line earlier;
  private long earlierAt;

  /** That of the cores. */
  Gate(int permits) {
    this(permits, false);
  }

  /**
   * Starts with all permits free.
   *
   * @param strict whether short runs may not come on top of the permits, as on a device
   */
  Gate(int permits, boolean strict) {
    this.permits = permits;
    this.free = permits;
    this.strict = strict;
  }

  boolean isStrict() {
    return strict;
  }

  /** Has at least so many permits from now on. */
  void widen(int atLeast) {
    lock.lock();
    try {
      free += Math.max(0, atLeast - permits);
      permits = Math.max(permits, atLeast);
      dispatch();
    } finally {
      lock.unlock();
    }
  }

  /** The place of one tenant. */
  static final class Line {
    private final PriorityQueue<Place> places = new PriorityQueue<>(ORDER);
    private volatile double weight = 1;
    private volatile int length;
    private volatile boolean refused;
    private volatile long refusedAt;
    private double had;

    void weight(double newWeight) {
      weight = newWeight;
    }

    int length() {
      return length;
    }

    /** It has asked for more than it may have. */
    void refused(long now) {
      refusedAt = now;
      refused = true;
    }

    private boolean floods(long now) {
      return refused && now - refusedAt < SOON;
    }
  }

  /** Something in a line. */
  abstract static class Place {
    final Line line;
    final int priority;
    final long cost;

    /** What it has cost beyond that; set before it leaves. */
    long beyond;

    private long number;

    /**
     * A place in a line.
     *
     * @param priority the lowest goes first
     * @param cost estimated, nanoseconds of a core
     */
    Place(Line line, int priority, long cost) {
      this.line = line;
      this.priority = priority;
      this.cost = Math.max(1, cost);
    }

    /** It has its permit; called under the gate's lock, must not block. */
    abstract void granted();
  }

  /** Enters if nobody waits. */
  boolean tryEnter(Line line, long cost) {
    lock.lock();
    try {
      asks(line);
      if (free <= 0 || !waiting.isEmpty() || spares(line)) {
        return false;
      }
      free--;
      charge(line, Math.max(1, cost));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Enters for a run so short that it would cost more to change threads, unless somebody waits. If
   * all permits are taken it comes on top of them, once for each thread that does so.
   */
  boolean slipIn(Line line, long cost) {
    lock.lock();
    try {
      asks(line);
      if (!waiting.isEmpty() || strict && free <= 0) {
        return false;
      }
      free--;
      charge(line, Math.max(1, cost));
      if (free < 0) {
        askGuest();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Enters at nobody's cost for a run that nobody waits for, where a permit is free that nobody
   * wants; one in all at a time. Ends with {@link #guestLeaves}.
   *
   * @param hurry called at most once, under the gate's lock, when the permit is wanted; must not
   *     block
   */
  boolean enterAsGuest(Runnable hurry) {
    lock.lock();
    try {
      if (free <= 0 || !waiting.isEmpty() || guested) {
        return false;
      }
      free--;
      guested = true;
      guest = hurry;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what {@link #enterAsGuest} got. */
  void guestLeaves() {
    lock.lock();
    try {
      guest = null;
      guested = false;
      free++;
      dispatch();
    } finally {
      lock.unlock();
    }
  }

  private void askGuest() {
    Runnable asked = guest;
    guest = null;
    if (asked != null) {
      asked.run();
    }
  }

  /** Enters, or waits on this thread; false if the time was too short. */
  boolean enter(Line line, long cost, long nanos) throws InterruptedException {
    if (tryEnter(line, cost)) {
      return true;
    }
    Parked parked = new Parked(line, cost);
    lineUp(parked, Integer.MAX_VALUE);
    long end = System.nanoTime() + nanos;
    while (!parked.granted) {
      long left = end - System.nanoTime();
      boolean interrupted = Thread.interrupted();
      if (left <= 0 || interrupted) {
        boolean removed = remove(parked);
        if (interrupted) {
          if (!removed) {
            leave();
          }
          throw new InterruptedException();
        }
        return !removed;
      }
      LockSupport.parkNanos(this, left);
    }
    return true;
  }

  /** Stands in line, and may be granted before this returns; false if the line is so long. */
  boolean lineUp(Place place, int longest) {
    lock.lock();
    try {
      Line line = place.line;
      asks(line);
      if (line.places.size() >= longest) {
        return false;
      }
      if (line.places.isEmpty()) {
        waiting.add(line);
        line.had = Math.max(line.had, clock);
      }
      place.number = numbers++;
      line.places.add(place);
      line.length = line.places.size();
      queuedCost += place.cost;
      dispatch();
      if (!waiting.isEmpty()) {
        askGuest();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes somebody out of its line; false if it was granted before. */
  boolean remove(Place place) {
    lock.lock();
    try {
      if (!place.line.places.remove(place)) {
        return false;
      }
      left(place);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes along, on the permit of the caller, others that fit; their lines pay for them. */
  List<Place> along(Predicate<Place> fits) {
    lock.lock();
    try {
      List<Place> taken = new ArrayList<>();
      for (Line line : List.copyOf(waiting)) {
        for (Iterator<Place> places = line.places.iterator(); places.hasNext(); ) {
          Place place = places.next();
          if (fits.test(place)) {
            places.remove();
            taken.add(place);
          }
        }
      }
      for (Place place : taken) {
        left(place);
        charge(place.line, place.cost);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Gives the permit back. */
  void leave() {
    leave(List.of());
  }

  /** Gives the permit back, and puts right what the run was estimated to cost. */
  void leave(Line line, long beyond) {
    lock.lock();
    try {
      line.had += beyond / line.weight;
      free++;
      dispatch();
    } finally {
      lock.unlock();
    }
  }

  /** Gives the permit back, and puts right what those who ran on it were estimated to cost. */
  void leave(List<? extends Place> ran) {
    lock.lock();
    try {
      for (int i = 0; i < ran.size(); i++) {
        Place place = ran.get(i);
        place.line.had += place.beyond / place.line.weight;
      }
      free++;
      dispatch();
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds until all that wait are likely through. */
  long backlog() {
    lock.lock();
    try {
      return queuedCost / permits;
    } finally {
      lock.unlock();
    }
  }

  int permits() {
    return permits;
  }

  int free() {
    lock.lock();
    try {
      return Math.max(0, free);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs, and lets nothing in afterwards; false when that took too long. */
  boolean drain(long nanos) throws InterruptedException {
    Line last = new Line();
    long end = System.nanoTime() + nanos;
    for (int i = 0; i < permits; i++) {
      if (!enter(last, 1, Math.max(0, end - System.nanoTime()))) {
        return false;
      }
    }
    return true;
  }

  private void dispatch() {
    while (free > 0 && !waiting.isEmpty()) {
      Line next = null;
      for (Line line : waiting) {
        if ((next == null || line.had < next.had) && !spares(line)) {
          next = line;
        }
      }
      if (next == null) {
        return;
      }
      Place place = next.places.remove();
      left(place);
      charge(next, place.cost);
      free--;
      place.granted();
    }
  }

  private void asks(Line line) {
    if (line != latest) {
      earlier = latest;
      earlierAt = latestAt;
      latest = line;
    }
    latestAt = System.nanoTime();
  }

  /**
   * Whether a line leaves the last permit to others: it asks for more than it may have, and
   * somebody else has asked a while ago. Runs cannot be interrupted for who comes; while one permit
   * is free others are taken, so that there is always one who leaves.
   */
  private boolean spares(Line line) {
    if (free != 1 || permits == 1 || !line.refused) {
      return false;
    }
    long now = System.nanoTime();
    Line other = line == latest ? earlier : latest;
    return line.floods(now)
        && other != null
        && now - (line == latest ? earlierAt : latestAt) < SOON;
  }

  private void left(Place place) {
    Line line = place.line;
    line.length = line.places.size();
    queuedCost -= place.cost;
    if (line.places.isEmpty()) {
      waiting.remove(line);
    }
  }

  private void charge(Line line, long cost) {
    double start = Math.max(line.had, clock);
    clock = start;
    line.had = start + cost / line.weight;
  }

  /** A thread that waits. */
  private static final class Parked extends Place {
    private final Thread thread = Thread.currentThread();
    private volatile boolean granted;

    Parked(Line line, long cost) {
      super(line, 0, cost);
    }

    @Override
    void granted() {
      granted = true;
      LockSupport.unpark(thread);
    }
  }
}
