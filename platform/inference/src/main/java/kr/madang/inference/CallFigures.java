package kr.madang.inference;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What a model has done for callers from outside. Any thread; times are nanoseconds. */
public final class CallFigures {
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder succeededNanos = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder failedNanos = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder queueNanos = new LongAdder();
  private final LongAdder runNanos = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private final LongAdder broken = new LongAdder();
  private final Map<Closing, LongAdder> closings = new EnumMap<>(Closing.class);
  private final Map<Long, Size> sizes = new ConcurrentHashMap<>();
  private volatile long lastMillis;

  private static final class Size {
    final LongAdder runs = new LongAdder();
    final LongAdder nanos = new LongAdder();
  }

  CallFigures() {
    for (Closing closing : Closing.values()) {
      closings.put(closing, new LongAdder());
    }
  }

  /**
   * The figures at a moment.
   *
   * @param rejected calls that were not run: limits, overload, deadlines, cancelled
   * @param queueNanos that the calls that succeeded have waited
   * @param runNanos that the runs have taken
   * @param rows of all calls that succeeded
   * @param broken runs that failed by themselves, not for what the caller sent wrong
   * @param lastMillis since 1970, of the latest run; 0 for none
   * @param closings runs, by why they were started as they were
   * @param sizes by rows of a run
   */
  public record Snapshot(
      long succeeded,
      long succeededNanos,
      long failed,
      long failedNanos,
      long rejected,
      long queueNanos,
      long runNanos,
      long rows,
      long runs,
      long broken,
      long lastMillis,
      Map<Closing, Long> closings,
      Map<Long, Times> sizes) {}

  /** How often, and how long together. */
  public record Times(long count, long nanos) {}

  /** What was done until now. */
  public Snapshot now() {
    Map<Closing, Long> why = new EnumMap<>(Closing.class);
    closings.forEach((closing, count) -> why.put(closing, count.sum()));
    Map<Long, Times> bySize = new TreeMap<>();
    sizes.forEach((size, seen) -> bySize.put(size, new Times(seen.runs.sum(), seen.nanos.sum())));
    return new Snapshot(
        succeeded.sum(),
        succeededNanos.sum(),
        failed.sum(),
        failedNanos.sum(),
        rejected.sum(),
        queueNanos.sum(),
        runNanos.sum(),
        rows.sum(),
        runs.sum(),
        broken.sum(),
        lastMillis,
        why,
        bySize);
  }

  void ran(Closing closing, long rowsOfRun, long nanos, long millis) {
    runs.increment();
    runNanos.add(nanos);
    Objects.requireNonNull(closings.get(closing)).increment();
    Size size = sizes.get(rowsOfRun);
    if (size == null) {
      // of the sizes that clients make up, so many are told apart
      size = sizes.computeIfAbsent(sizes.size() < 256 ? rowsOfRun : 0, _ -> new Size());
    }
    size.runs.increment();
    size.nanos.add(nanos);
    lastMillis = millis;
  }

  void succeeded(long rowsOfCall, long queued, long took) {
    succeeded.increment();
    succeededNanos.add(took);
    queueNanos.add(queued);
    rows.add(rowsOfCall);
  }

  void failed(long took) {
    failed.increment();
    failedNanos.add(took);
  }

  void broke() {
    broken.increment();
  }

  void rejected() {
    rejected.increment();
  }
}
