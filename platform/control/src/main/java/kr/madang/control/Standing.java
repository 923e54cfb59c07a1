package kr.madang.control;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** One version of a model for callers from outside, in memory or not. Any thread. */
final class Standing {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  final Declared declared;
  volatile @Nullable LoadedModel model;

  /** When it was asked for last, by the clock of the machine that only goes on. */
  volatile long used;

  /** Who waits for it, so that it is not let go before they had it. */
  final AtomicInteger wanted = new AtomicInteger();

  private final ModelRoom room;
  private final ReentrantLock loading = new ReentrantLock();
  private ModelRoom.@Nullable Held held;
  private boolean closed;

  Standing(Declared declared, ModelRoom room, long now) {
    this.declared = declared;
    this.room = room;
    this.used = now;
  }

  boolean isLoading() {
    return model == null && loading.isLocked();
  }

  /** Loads and tries it, unless it is in memory; one thread does, the others wait. */
  void load() {
    if (model != null) {
      return;
    }
    lock();
    try {
      if (model != null || closed) {
        return;
      }
      ModelRoom.Held fresh = room.hold(declared);
      boolean done = false;
      try {
        fresh.model().tryOut();
        used = System.nanoTime();
        held = fresh;
        model = fresh.model();
        done = true;
      } finally {
        if (!done) {
          fresh.close();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was tried", e);
    } finally {
      loading.unlock();
    }
  }

  private void lock() {
    boolean mine = false;
    try {
      mine = loading.tryLock(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!mine) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s@%s is still being loaded: try again later"
              .formatted(declared.name(), declared.version()));
    }
  }

  /** Lets it go; calls that are under way end well. Waits for a load that goes on. */
  void close() {
    loading.lock();
    try {
      closed = true;
      model = null;
      ModelRoom.Held last = held;
      held = null;
      if (last != null) {
        last.close();
      }
    } finally {
      loading.unlock();
    }
  }
}
