package kr.madang.inference;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks runs that take too long to stop. It looks at all of them every 10 ms, and not at all once
 * there have been none for a while: runs are many, and to wake a timer for each would cost as much
 * as a small one takes. One daemon thread, made with the first run to watch. Any thread.
 */
final class Watchdog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final long EVERY_NANOS = 10_000_000;
  private static final int LOOKS_AT_NOTHING = 100;

  private final Set<Watched> underWay = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  /** A run under way. */
  final class Watched {
    private final long end;
    private final Runnable late;

    private Watched(long end, Runnable late) {
      this.end = end;
      this.late = late;
    }

    /** It has ended. */
    void leave() {
      underWay.remove(this);
    }
  }

  /**
   * Watches a run until it {@linkplain Watched#leave leaves}.
   *
   * @param late called once, at most some 10 ms after the limit; must not block
   */
  Watched watch(long limitNanos, Runnable late) {
    Watched watched = new Watched(System.nanoTime() + limitNanos, late);
    underWay.add(watched);
    if (thread == null) {
      start();
    }
    if (asleep) {
      LockSupport.unpark(thread);
    }
    return watched;
  }

  boolean isAsleep() {
    return asleep;
  }

  private synchronized void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("madang-inference-watchdog").start(this::look);
    }
  }

  private void look() {
    int nothing = 0;
    while (!closed) {
      long now = System.nanoTime();
      for (Watched watched : underWay) {
        if (now - watched.end >= 0 && underWay.remove(watched)) {
          tell(watched);
        }
      }
      nothing = underWay.isEmpty() ? nothing + 1 : 0;
      if (nothing < LOOKS_AT_NOTHING) {
        LockSupport.parkNanos(this, EVERY_NANOS);
        continue;
      }
      asleep = true; // before the last look, as who comes adds before it looks
      if (underWay.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      asleep = false;
      nothing = 0;
    }
  }

  /** Whatever becomes of one, the others are watched on. */
  private static void tell(Watched watched) {
    try {
      watched.late.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a run that takes too long could not be stopped", e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
