package kr.madang.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * Frees the room of records that nobody needs in segments that somebody needs: one stream that is
 * not read any further would hold all that came behind it. The segment is copied with holes in the
 * place of those records, and the copy takes its place at once; all others keep their places in it.
 * Used by the journal's thread.
 */
final class Hollowing {
  /** A copy is made if it frees more than so much of the segment, in percent. */
  private static final int WORTH = 50;

  /** The same when sources will soon have to wait. */
  private static final int WORTH_IN_NEED = 20;

  /** Less is not worth a hole of its own. */
  private static final long LEAST = 16 << 10;

  private static final long LITTLE = 512;
  private static final long AGAIN = 30_000_000_000L;

  private final Log log;
  private final Map<Long, Long> tried = new HashMap<>();

  Hollowing(Log log) {
    this.log = log;
  }

  /**
   * Frees room in the oldest segment that has enough of it; false if there is none.
   *
   * @param needy whether there will soon be too little room
   * @param eager whether a little is enough
   */
  boolean run(boolean needy, boolean eager) throws IOException {
    tried.keySet().retainAll(log.segments.keySet());
    int worth = needy ? WORTH_IN_NEED : WORTH;
    Segment segment = candidate(worth, eager);
    if (segment == null) {
      return false;
    }
    tried.put(segment.number, System.nanoTime());
    try (DiskFile file = log.disk.open(segment.path, false)) {
      Window window = new Window(Layout.direct(SegmentScan.WINDOW), file);
      List<HollowPlan.Part> parts =
          new HollowPlan(log.id.seed(), segment, window, needs(segment))
              .parts(eager ? LITTLE : LEAST);
      if (parts == null) {
        return false;
      }
      HollowCopy made = new HollowCopy(log, segment, window, parts);
      if (!eager && made.allocated > segment.allocated * (100 - worth) / 100) {
        return false;
      }
      Path path = log.folder.resolve(segment.name() + Atomic.SUFFIX);
      log.disk.delete(path);
      try (DiskFile copy = log.disk.create(path)) {
        made.write(file, copy);
        copy.force();
      } catch (IOException e) {
        // the segment is as it was; what there is of a copy goes
        log.disk.delete(path);
        return false;
      }
      segment.hollow = true;
      log.disk.rename(path, segment.path);
      log.disk.forceFolder(log.folder);
      take(segment, made);
      return true;
    }
  }

  private @Nullable Segment candidate(int worth, boolean eager) {
    long now = System.nanoTime();
    log.lock.lock();
    try {
      for (Segment segment : log.segments.values()) {
        Long last = tried.get(segment.number);
        if (segment.sealed
            && segment.header != null
            && segment != log.segments.lastEntry().getValue()
            && (last == null || now - last > AGAIN)
            && (eager || segment.allocated > 4 * LEAST)
            && live(segment) < segment.allocated * (100 - worth) / 100) {
          return segment;
        }
      }
      return null;
    } finally {
      log.lock.unlock();
    }
  }

  private long live(Segment segment) {
    long live = 0;
    for (Lane lane : segment.index.lanes.values()) {
      JournalStream stream = stream(lane);
      long bound = stream == null ? Long.MAX_VALUE : bound(stream);
      if (lane.any() && lane.last > bound) {
        double part = (double) (lane.last - Math.max(lane.first, bound)) / (lane.last - lane.first);
        live += (long) (lane.bytes * Math.min(1, part));
      }
    }
    return live;
  }

  private @Nullable JournalStream stream(Lane lane) {
    JournalStream stream = log.streams.get(lane.name);
    return stream == null || stream.born != lane.born ? null : stream;
  }

  /** Rows that were dropped count as gone once that is written down. */
  private static long bound(JournalStream stream) {
    return stream.unwritten == null ? stream.settled : Math.min(stream.settled, stream.released);
  }

  private Map<Integer, HollowPlan.Need> needs(Segment segment) {
    long now = log.now();
    Map<Integer, HollowPlan.Need> needs = new HashMap<>();
    log.lock.lock();
    try {
      for (Lane lane : segment.index.lanes.values()) {
        JournalStream stream = stream(lane);
        if (stream != null) {
          long keep = Sweep.nanos(stream.options.keep());
          long after = keep == 0 ? Long.MAX_VALUE : Math.max(0, now - keep);
          boolean late = stream.late(segment);
          needs.put(
              lane.id,
              new HollowPlan.Need(
                  bound(stream), after, late ? lane.lastAt : -1, late ? lane.beforeLastAt : -1));
        }
      }
      return needs;
    } finally {
      log.lock.unlock();
    }
  }

  /** The lanes have what stays. */
  private void take(Segment segment, HollowCopy made) {
    log.lock.lock();
    try {
      segment.allocated = Math.min(segment.allocated, made.allocated);
      made.left.lanes.forEach((id, left) -> {
        Lane lane = segment.index.lanes.get(id);
        if (lane == null) {
          return;
        }
        JournalStream stream = log.streams.get(lane.name);
        if (stream != null && stream.born == lane.born) {
          stream.shrunk(segment, lane.bytes - left.bytes, left.any());
        }
        lane.shrink(left);
      });
    } finally {
      log.lock.unlock();
    }
  }
}
