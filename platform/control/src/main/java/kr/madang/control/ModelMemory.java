package kr.madang.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which models for callers from outside are in memory, within a budget of bytes: those that were
 * not asked for for the longest time go. What a pipeline has in memory too is not counted, since
 * letting it go would free nothing. Any thread; the lock is never held while a model loads or goes.
 */
final class ModelMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static final String CORES = Placement.CORES.place();

  private final ModelRoom room;
  private final long budget;
  private final LongSupplier ticks;
  private final Predicate<Standing> pinned;
  private final Consumer<Standing> forget;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Standing, Long> taken = new HashMap<>();
  private volatile Function<Standing, String> places = _ -> CORES;
  private volatile ToLongFunction<String> devices = _ -> Long.MAX_VALUE;

  /**
   * Nothing is in memory yet.
   *
   * @param budget in bytes
   * @param ticks nanoseconds that only go on
   * @param pinned what is never let go
   * @param forget lets a model go
   */
  ModelMemory(
      ModelRoom room,
      long budget,
      LongSupplier ticks,
      Predicate<Standing> pinned,
      Consumer<Standing> forget) {
    this.room = room;
    this.budget = budget;
    this.ticks = ticks;
    this.pinned = pinned;
    this.forget = forget;
  }

  /**
   * Tells the memory of devices from that of the machine.
   *
   * @param of where a model is or will be: {@code cpu}, {@code cuda:0}
   * @param room the bytes of a device
   */
  void places(Function<Standing, String> of, ToLongFunction<String> room) {
    places = of;
    devices = room;
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
    for (Map.Entry<Standing, Long> one : taken.entrySet()) {
      Standing standing = one.getKey();
      sum += isShared(standing) || !places.apply(standing).equals(place) ? 0 : one.getValue();
    }
    return sum;
  }

  /**
   * Makes room for a model that is about to be loaded, and waits until it is there.
   *
   * @throws PluginException EXHAUSTED if there cannot be any, with the reason
   */
  void reserve(Standing standing, long bytes) throws InterruptedException {
    List<Standing> leaving = new ArrayList<>();
    String place = places.apply(standing);
    String name = place.equals(CORES) ? "modelMemory" : "the memory of " + place;
    long most = budget(place);
    lock.lock();
    try {
      if (bytes > most) {
        throw full(standing, bytes, name + " is " + most);
      }
      long end = ticks.getAsLong() + LONGEST.toNanos();
      while (!makeRoom(place, bytes, leaving)) {
        if (taken.keySet().stream()
            .filter(one -> !isShared(one) && places.apply(one).equals(place))
            .allMatch(pinned)) {
          throw full(
              standing,
              bytes,
              "of %d bytes of %s pinned models take %d".formatted(most, name, sum(place)));
        }
        // what takes the room is being loaded or waited for: it can go when somebody had it
        if (changed.awaitNanos(end - ticks.getAsLong()) <= 0) {
          throw full(
              standing,
              bytes,
              "all %d bytes of %s are taken by models that are being loaded".formatted(most, name));
        }
      }
      taken.put(standing, bytes);
    } finally {
      lock.unlock();
      leaving.forEach(this::letGo);
    }
  }

  /** Takes away what was not asked for for the longest time; false if that is not enough. */
  private boolean makeRoom(String place, long bytes, List<Standing> leaving) {
    while (sum(place) + bytes > budget(place)) {
      Standing oldest = null;
      for (Standing one : taken.keySet()) {
        boolean here = places.apply(one).equals(place);
        if (here && mayGo(one) && (oldest == null || one.used - oldest.used < 0)) {
          oldest = one;
        }
      }
      if (oldest == null) {
        return false;
      }
      taken.remove(oldest);
      leaving.add(oldest);
    }
    return true;
  }

  private boolean mayGo(Standing one) {
    return one.model != null && one.wanted.get() == 0 && !pinned.test(one) && !isShared(one);
  }

  private boolean isShared(Standing one) {
    return room.shared(one.declared.key());
  }

  private void letGo(Standing standing) {
    LoadedModel model = standing.model;
    LOG.info("model {} is let go to make room", standing.declared.key());
    forget.accept(standing);
    try {
      if (model != null && model.closed() && !model.awaitReleased(PATIENCE)) {
        LOG.warn("a model that was let go is still in use after {}", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static PluginException full(Standing standing, long bytes, String why) {
    return new PluginException(
        ErrorCode.EXHAUSTED,
        "model %s@%s takes %d bytes of memory: %s"
            .formatted(standing.declared.name(), standing.declared.version(), bytes, why));
  }

  /** Says how the load went that room was made for. */
  void loaded(Standing standing, boolean done) {
    lock.lock();
    try {
      if (done) {
        standing.used = ticks.getAsLong();
      } else {
        taken.remove(standing);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody who waited for a model has had it. */
  void had(Standing standing) {
    if (standing.wanted.decrementAndGet() == 0) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A model was let go, by whomever. */
  void gone(Standing standing) {
    lock.lock();
    try {
      if (taken.remove(standing) != null) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go what nobody has asked for for so long. */
  void letIdleGo(Duration idle) {
    List<Standing> leaving = new ArrayList<>();
    lock.lock();
    try {
      long now = ticks.getAsLong();
      for (Standing one : taken.keySet()) {
        if (mayGo(one) && now - one.used > idle.toNanos()) {
          leaving.add(one);
        }
      }
      taken.keySet().removeAll(leaving);
    } finally {
      lock.unlock();
    }
    for (Standing one : leaving) {
      LOG.info("model {} is let go: nobody has asked for it for {}", one.declared.key(), idle);
      forget.accept(one);
    }
  }
}
