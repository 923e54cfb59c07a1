package kr.madang.control;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.PipelineView.State;
import kr.madang.control.spec.StageSpec;
import kr.madang.engine.Pipeline;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what runs at what should run. One thread decides, each start has a thread of its own, so
 * that a slow or failing pipeline holds up no other.
 */
final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final long TURN = TimeUnit.SECONDS.toNanos(1);
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final Starter starter;
  private final PlatformAlarms alarms;
  private final ThreadFactory threads;
  private final InstantSource clock;
  private final Consumer<Key> forget;
  private final boolean safe;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition settled = lock.newCondition();
  private final Map<Key, PipelineUnit> units =
      new TreeMap<>(Comparator.comparing(Key::workspace).thenComparing(Key::name));
  private boolean dirty;
  private boolean closed;
  private boolean draining;
  private long world;
  private @Nullable Thread thread;

  /**
   * A reconciler that decides nothing yet.
   *
   * @param forget removes what a deleted pipeline has left on disk
   * @param safe starts nothing
   */
  Reconciler(
      Starter starter,
      PlatformAlarms alarms,
      ThreadFactory threads,
      InstantSource clock,
      Consumer<Key> forget,
      boolean safe) {
    this.starter = starter;
    this.alarms = alarms;
    this.threads = threads;
    this.clock = clock;
    this.forget = forget;
    this.safe = safe;
  }

  /** Begins to decide. */
  void start() {
    locked(() -> {
      if (thread == null && !closed) {
        Thread made = threads.newThread(this::loop);
        thread = made;
        made.start();
      }
    });
  }

  /** Wakes the thread. */
  void wake() {
    locked(() -> {
      dirty = true;
      changed.signal();
    });
  }

  /** Plugins or models have changed: what was refused or parked is tried again. */
  void worldChanged() {
    locked(() -> {
      world++;
      dirty = true;
      changed.signal();
    });
  }

  void put(Stored stored, List<Pin> pins) {
    locked(() -> {
      PipelineUnit unit = units.get(stored.key());
      if (unit == null) {
        units.put(stored.key(), new PipelineUnit(stored, pins, clock));
      } else {
        unit.again |= stored.revision() != unit.stored.revision();
        unit.stored = stored;
        unit.pins = pins;
      }
      dirty = true;
      changed.signal();
    });
  }

  /** Tries a pipeline at once that has finished, failed or waits. */
  void again(Key key) {
    with(
        key,
        unit -> {
          unit.again = true;
          dirty = true;
          changed.signal();
          return unit;
        });
  }

  /** Whether a pipeline of this name is being deleted: until then no other may have the name. */
  boolean leaving(Key key) {
    lock.lock();
    try {
      PipelineUnit unit = units.get(key);
      return unit != null && unit.deleted;
    } finally {
      lock.unlock();
    }
  }

  /** Stops a pipeline for good; nobody sees it any more. */
  void leave(Key key) {
    locked(() -> {
      PipelineUnit unit = units.get(key);
      if (unit != null) {
        unit.deleted = true;
        dirty = true;
        changed.signal();
      }
    });
  }

  /** Waits until a pipeline that leaves is gone with all it has left; answers whether it is. */
  boolean awaitGone(Key key, Duration atMost) {
    lock.lock();
    try {
      PipelineUnit unit = units.get(key);
      if (unit != null && thread == null) {
        decide(unit);
      }
      long left = atMost.toNanos();
      while (units.get(key) == unit && unit != null && left > 0 && !closed) {
        left = settled.awaitNanos(left);
      }
      return unit == null || units.get(key) != unit;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  <T> Optional<T> with(Key key, Function<PipelineUnit, T> work) {
    lock.lock();
    try {
      PipelineUnit unit = units.get(key);
      return unit == null || unit.deleted ? Optional.empty() : Optional.of(work.apply(unit));
    } finally {
      lock.unlock();
    }
  }

  <T> List<T> all(Function<PipelineUnit, T> work) {
    lock.lock();
    try {
      List<T> all = new ArrayList<>();
      for (PipelineUnit unit : units.values()) {
        if (!unit.deleted) {
          all.add(work.apply(unit));
        }
      }
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    long looked = System.nanoTime() - TURN;
    while (turn()) {
      try {
        if (System.nanoTime() - looked >= TURN) {
          alarms.look(all(PipelineUnit::facts));
          looked = System.nanoTime();
        }
        alarms.write();
      } catch (RuntimeException e) {
        LOG.error("alarms could not be stored: {}", e.getMessage());
      }
    }
  }

  private boolean turn() {
    lock.lock();
    try {
      if (!dirty) {
        changed.awaitNanos(TURN);
      }
      dirty = false;
      if (closed) {
        return false;
      }
      for (PipelineUnit unit : List.copyOf(units.values())) {
        try {
          decide(unit);
        } catch (RuntimeException e) {
          LOG.error("pipeline {}: {}", unit.stored.key(), e, e);
          unit.failed(ErrorCode.BUG, String.valueOf(e));
        }
      }
      settled.signalAll();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void decide(PipelineUnit unit) {
    if (unit.busy) {
      return;
    }
    boolean wanted = unit.wanted() && !draining;
    Pipeline running = unit.running;
    if (running != null && running.ended().isDone()) {
      unit.settle(running);
      running = null;
    }
    if (running != null) {
      unit.watch(running);
      boolean replaced = unit.runningRevision != unit.stored.revision();
      if (!replaced && wanted) {
        unit.again &= unit.ending();
      } else if (!unit.stopping) {
        unit.stopping = true;
        running.stop(DRAIN);
      }
      return;
    }
    if (unit.deleted) {
      unit.busy = true;
      threads.newThread(() -> clearAway(unit)).start();
    } else if (!wanted) {
      unit.state = State.STOPPED;
      unit.reason = "";
      unit.rest();
      unit.again = false;
    } else if (safe) {
      unit.park(SafeMode.REASON);
    } else if (unit.due(world)) {
      begin(unit);
    }
  }

  private void begin(PipelineUnit unit) {
    unit.trying(world);
    Stored stored = unit.stored;
    List<Pin> pins = unit.pins;
    threads.newThread(() -> bringUp(unit, stored, pins)).start();
  }

  /** Runs in a thread of its own; the name is free when nothing is left behind it. */
  private void clearAway(PipelineUnit unit) {
    Key key = unit.stored.key();
    try {
      forget.accept(key);
    } catch (RuntimeException e) {
      LOG.error("what pipeline {} has left cannot be removed: {}", key, e.getMessage());
    }
    locked(() -> {
      units.remove(key, unit);
      settled.signalAll();
    });
  }

  /** Runs in a thread of its own. */
  private void bringUp(PipelineUnit unit, Stored stored, List<Pin> pins) {
    Starter.Started started = starter.start(stored, pins, () -> stillWanted(unit, stored));
    lock.lock();
    try {
      unit.busy = false;
      switch (started) {
        case Starter.Started.Running running -> {
          if (unit.stored.revision() == stored.revision()) {
            unit.pins = running.pins();
          }
          unit.began(running.pipeline(), running.holds(), stored.revision());
          var _ = running.pipeline().ended().whenComplete((_, _) -> wake());
        }
        case Starter.Started.Parked parked -> {
          unit.park(parked.reason());
          LOG.info("pipeline {} is parked: {}", stored.key(), parked.reason());
        }
        case Starter.Started.Failed failed -> unit.failed(failed.code(), failed.reason());
        case Starter.Started.Unwanted _ -> unit.state = State.STOPPED;
      }
      dirty = true;
      changed.signal();
      settled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean stillWanted(PipelineUnit unit, Stored stored) {
    lock.lock();
    try {
      return unit.wanted() && !draining && unit.stored.revision() == stored.revision();
    } finally {
      lock.unlock();
    }
  }

  /** The pipelines that run on a plugin, or are about to. */
  List<String> users(String plugin) {
    return users(pin -> pin.resolved().startsWith(plugin + "/"));
  }

  private List<String> users(Predicate<Pin> uses) {
    return all(unit ->
            unit.active() && unit.pins.stream().anyMatch(uses)
                ? Optional.of(unit.stored.key().toString())
                : Optional.<String>empty())
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * The pipelines that run on a version of a model, or are about to.
   *
   * @param model {@code name@version}
   */
  List<String> modelUsers(String model, String digest) {
    return users(pin ->
        pin.kind().equals(StageSpec.Kind.MODEL.word())
            && pin.resolved().equals(model)
            && pin.digest().equals(digest));
  }

  /** Stops everything and waits; nothing is started afterwards. */
  void drain(Duration atMost) {
    // Twice, for what was about to start.
    for (int i = 0; i < 2; i++) {
      await(stopAll(atMost), atMost.plusSeconds(5));
      awaitStarts();
    }
  }

  private List<Pipeline> stopAll(Duration atMost) {
    lock.lock();
    try {
      draining = true;
      List<Pipeline> stopping = new ArrayList<>();
      for (PipelineUnit unit : units.values()) {
        Pipeline running = unit.running;
        if (running != null && !running.ended().isDone()) {
          unit.stopping = true;
          running.stop(atMost);
          stopping.add(running);
        }
      }
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void awaitStarts() {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(5);
      while (units.values().stream().anyMatch(unit -> unit.busy) && left > 0) {
        left = settled.awaitNanos(left);
      }
      for (PipelineUnit unit : units.values()) {
        Pipeline running = unit.running;
        if (running != null && running.ended().isDone()) {
          unit.settle(running);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private static void await(Collection<Pipeline> pipelines, Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    for (Pipeline pipeline : pipelines) {
      try {
        var _ = pipeline.ended().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (ExecutionException | TimeoutException e) {
        LOG.error("a pipeline did not end: {}", e.toString());
      }
    }
  }

  /** Ends the thread; everything was drained before. */
  void close() {
    Thread ending;
    lock.lock();
    try {
      closed = true;
      dirty = true;
      changed.signal();
      ending = thread;
    } finally {
      lock.unlock();
    }
    if (ending != null) {
      try {
        ending.join(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
