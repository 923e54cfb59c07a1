package kr.madang.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which models are in memory, within a budget of bytes, each counted once whoever uses it. Those
 * that only callers from outside use, and did not ask for for the longest time, go when another
 * needs the room; what a pipeline runs, or somebody has pinned, stays. Any thread; the lock is
 * never held while a model loads or goes.
 */
final class ModelMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final String CORES = Placement.CORES.place();

  private final long budget;
  private final ToLongFunction<String> devices;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Seat> seats = new HashSet<>();
  private volatile Lodgers lodgers = Lodgers.NONE;

  /**
   * Nothing is in memory yet.
   *
   * @param budget in bytes
   * @param devices the bytes that models may take at a place that is no core: {@code cuda:0}
   */
  ModelMemory(long budget, ToLongFunction<String> devices) {
    this.budget = budget;
    this.devices = devices;
  }

  /** Whether a model may leave memory. */
  enum Stay {
    /** Nobody waits for it. */
    MAY_GO,
    /** Somebody is about to have it. */
    SOON,
    /** It is pinned, or a pipeline runs it. */
    STAYS
  }

  /** The models that callers from outside have in memory. Asked with the lock held. */
  interface Lodgers {
    Lodgers NONE =
        new Lodgers() {
          @Override
          public Stay stay(ModelKey key) {
            return Stay.STAYS;
          }

          @Override
          public long used(ModelKey key) {
            return 0;
          }

          @Override
          public void letGo(ModelKey key) {}
        };

    Stay stay(ModelKey key);

    /** When a model that may go was asked for last, as {@link System#nanoTime} tells. */
    long used(ModelKey key);

    /** Lets a model go, and waits a while for the runs that go on. Asked without the lock. */
    void letGo(ModelKey key);
  }

  /** From now on knows who can make room. */
  void lodgers(Lodgers known) {
    lodgers = known;
  }

  /** The room of one model, from before it is loaded until it is gone. */
  final class Seat implements AutoCloseable {
    private final ModelKey key;
    private final long bytes;
    private String place;
    private boolean loaded;
    private boolean leaving;

    private Seat(ModelKey key, String place, long bytes) {
      this.key = key;
      this.place = place;
      this.bytes = bytes;
    }

    /** The model is there. */
    void loaded(String where) {
      lock.lock();
      try {
        place = where;
        loaded = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** The model is gone, or could not be loaded. */
    @Override
    public void close() {
      lock.lock();
      try {
        seats.remove(this);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private Stay stay() {
      return loaded && !leaving ? lodgers.stay(key) : Stay.SOON;
    }
  }

  long budget() {
    return budget;
  }

  private long budget(String place) {
    return place.equals(CORES) ? budget : devices.applyAsLong(place);
  }

  /** Bytes of what is in memory or on its way there. */
  long bytes() {
    lock.lock();
    try {
      return sum(CORES);
    } finally {
      lock.unlock();
    }
  }

  private long sum(String place) {
    long sum = 0;
    for (Seat seat : seats) {
      sum += seat.place.equals(place) ? seat.bytes : 0;
    }
    return sum;
  }

  /**
   * Makes room for a model that is about to be loaded, and waits until it is there.
   *
   * @param place where it is to be: {@code cpu}, {@code cuda:0}
   * @throws PluginException EXHAUSTED if there cannot be any, with the reason
   */
  Seat reserve(ModelKey key, String place, long bytes) throws InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (true) {
      Seat leaving;
      lock.lock();
      try {
        if (sum(place) + bytes <= budget(place)) {
          Seat seat = new Seat(key, place, bytes);
          seats.add(seat);
          return seat;
        }
        if (staying(place) + bytes > budget(place)) {
          // nobody goes for what would not fit all the same
          throw full(key, place, bytes);
        }
        leaving = idlest(place);
        if (leaving == null) {
          // what takes the room is being loaded or waited for: it can go when somebody had it
          long left = end - System.nanoTime();
          if (left <= 0 || changed.awaitNanos(left) <= 0) {
            throw full(key, place, bytes);
          }
          continue;
        }
        leaving.leaving = true;
      } finally {
        lock.unlock();
      }
      letGo(leaving);
    }
  }

  private @Nullable Seat idlest(String place) {
    Seat idlest = null;
    for (Seat one : seats) {
      if (one.place.equals(place)
          && one.stay() == Stay.MAY_GO
          && (idlest == null || lodgers.used(one.key) - lodgers.used(idlest.key) < 0)) {
        idlest = one;
      }
    }
    return idlest;
  }

  private long staying(String place) {
    return seats.stream()
        .filter(one -> one.place.equals(place) && one.stay() == Stay.STAYS)
        .mapToLong(one -> one.bytes)
        .sum();
  }

  private void letGo(Seat seat) {
    LOG.info("model {} is let go to make room", seat.key);
    lodgers.letGo(seat.key);
    lock.lock();
    try {
      // a pipeline may have begun to share it between: then it is still there
      seat.leaving = false;
    } finally {
      lock.unlock();
    }
  }

  private PluginException full(ModelKey key, String place, long bytes) {
    String name = place.equals(CORES) ? "modelMemory" : "the memory of " + place;
    long most = budget(place);
    String why;
    if (bytes > most) {
      why = name + " is " + most;
    } else if (staying(place) + bytes > most) {
      why =
          "of %d bytes of %s models that are pinned or run in pipelines take %d"
              .formatted(most, name, staying(place));
    } else {
      why = "all %d bytes of %s are taken by models that are being loaded".formatted(most, name);
    }
    return new PluginException(
        ErrorCode.EXHAUSTED,
        "model %s@%s takes %d bytes of memory: %s"
            .formatted(key.name(), key.version(), bytes, why));
  }

  /** What a model is waited for, or may go, has changed. */
  void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets go what nobody has asked for for so long. */
  void letIdleGo(Duration idle) {
    List<ModelKey> leaving = new ArrayList<>();
    lock.lock();
    try {
      long now = System.nanoTime();
      for (Seat one : seats) {
        if (one.stay() == Stay.MAY_GO && now - lodgers.used(one.key) > idle.toNanos()) {
          leaving.add(one.key);
        }
      }
    } finally {
      lock.unlock();
    }
    for (ModelKey one : leaving) {
      LOG.info("model {} is let go: nobody has asked for it for {}", one, idle);
      lodgers.letGo(one);
    }
  }
}
