package kr.madang.journal;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kr.madang.journal.SegmentIndex.CursorValue;
import kr.madang.journal.disk.Disk;
import org.jspecify.annotations.Nullable;

/** What a journal and its readers share: the segments and streams, and how far all is safe. */
final class Log {
  final Path folder;
  final Disk disk;
  final InstantSource clock;
  final JournalId id;
  final Optional<byte[]> key;
  final Damages damages;

  /** Guards the content of indices and streams. Held for moments only. */
  final ReentrantLock lock = new ReentrantLock();

  final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  final Map<String, JournalStream> streams = new ConcurrentHashMap<>();

  /** As the log knows them; guarded by the lock. */
  final Map<String, CursorValue> cursors = new TreeMap<>();

  long lastOrder;
  long maxEpoch;
  long oldest;
  long nextSegment = 1;
  volatile long forced;
  volatile boolean closed;

  /** Told when a reader finds that rows are gone. */
  @Nullable Lost lost;

  /** Called when a stream was released further. */
  Consumer<JournalStream> released = stream -> {};

  private final ReentrantLock waiting = new ReentrantLock();
  private final Condition grown = waiting.newCondition();

  /** Told when a reader finds that rows are gone. */
  interface Lost {
    void found(JournalStream stream, long from, long to);
  }

  Log(
      Path folder,
      Disk disk,
      InstantSource clock,
      JournalId id,
      Optional<byte[]> key,
      Damages damages) {
    this.folder = folder;
    this.disk = disk;
    this.clock = clock;
    this.id = id;
    this.key = key;
    this.damages = damages;
  }

  /** The clock, in nanoseconds since 1970. */
  long now() {
    var instant = clock.instant();
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  /** An epoch that was never given before. */
  long newEpoch() {
    maxEpoch = Math.max(maxEpoch + 1, clock.instant().getEpochSecond());
    return maxEpoch;
  }

  /** Wakes all who wait for the log to grow or to end. */
  void grown() {
    waiting.lock();
    try {
      grown.signalAll();
    } finally {
      waiting.unlock();
    }
  }

  /** What is waited for. */
  interface Until {
    boolean met();
  }

  /** Waits until the log has grown in the sense of the caller; false if it did not in time. */
  boolean await(Until until, long nanos) throws InterruptedException {
    if (until.met()) {
      return true;
    }
    if (nanos <= 0) {
      return false;
    }
    long left = nanos;
    waiting.lockInterruptibly();
    try {
      while (!until.met()) {
        if (left <= 0) {
          return false;
        }
        left = grown.awaitNanos(left);
      }
      return true;
    } finally {
      waiting.unlock();
    }
  }

  /** Waits without end by interrupts, which stay set; false if it was not met in time. */
  boolean awaitCalmly(Until until, long nanos) {
    boolean interrupted = false;
    long end = System.nanoTime() + nanos;
    try {
      while (true) {
        try {
          return await(until, end - System.nanoTime());
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
