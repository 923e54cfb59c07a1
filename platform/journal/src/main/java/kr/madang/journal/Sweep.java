package kr.madang.journal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deletes segments that nobody needs. Used by the journal's thread. */
final class Sweep {
  private final Log log;
  private final Trash trash;

  /** The stream that needs the oldest segment, as it was found last. */
  private volatile @Nullable JournalStream blocker;

  Sweep(Log log, Trash trash) {
    this.log = log;
    this.trash = trash;
  }

  /** Whether segments may be able to go since a stream was released. */
  boolean due(JournalStream released) {
    JournalStream last = blocker;
    return last == null ? log.segments.size() > 1 : last == released || last.dropped;
  }

  /**
   * Takes down what is released now. Who releases rows sets the cursor before: once the cursors
   * that changed until now are safe, what was taken down may go, and what is released meanwhile not
   * yet.
   */
  void settle() {
    log.lock.lock();
    try {
      log.streams.values().forEach(JournalStream::settle);
    } finally {
      log.lock.unlock();
    }
  }

  /**
   * Deletes what can go of what was taken down, the oldest first.
   *
   * @param needy whether even what is kept for replay goes
   * @return whether anything went
   */
  boolean run(boolean needy) throws IOException {
    List<Segment> gone = find(needy);
    if (gone.isEmpty()) {
      trash.bring(List.of());
      return false;
    }
    long oldest = gone.getLast().number + 1;
    Oldest.write(log.disk, log.folder, oldest);
    log.lock.lock();
    try {
      log.oldest = oldest;
      for (Segment segment : gone) {
        log.segments.remove(segment.number);
        log.streams.values().forEach(stream -> stream.forget(segment));
      }
    } finally {
      log.lock.unlock();
    }
    trash.bring(gone.stream().map(segment -> segment.path).toList());
    if (needy) {
      trash.empty();
    }
    return true;
  }

  private List<Segment> find(boolean needy) {
    List<Segment> gone = new ArrayList<>();
    long now = log.now();
    blocker = null;
    log.lock.lock();
    try {
      for (Segment segment : log.segments.values()) {
        if (segment == log.segments.lastEntry().getValue() || needed(segment, now, needy)) {
          break;
        }
        gone.add(segment);
      }
      return gone;
    } finally {
      log.lock.unlock();
    }
  }

  private boolean needed(Segment segment, long now, boolean needy) {
    for (Lane lane : segment.index.lanes.values()) {
      JournalStream stream = log.streams.get(lane.name);
      if (!lane.any() || stream == null || stream.born != lane.born) {
        continue;
      }
      if (lane.last > stream.settled) {
        blocker = stream;
        return true;
      }
      Duration keep = stream.options.keep();
      if (!needy && keep.isPositive() && now - lane.maxTime < nanos(keep)) {
        return true;
      }
    }
    return false;
  }

  static long nanos(Duration duration) {
    return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0
        ? Long.MAX_VALUE
        : duration.toNanos();
  }
}
