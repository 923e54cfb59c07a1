package kr.madang.inference;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** One who shares the cores of this process with others: a workspace. Any thread. */
public final class Tenant {
  /** Who pays for runs that are nobody's: golden samples, trials. */
  static final Tenant NOBODY = new Tenant("", -1);

  private final String name;
  private final int number;
  private final Gate.Line line = new Gate.Line();
  private final Map<Gate, Gate.Line> lines = new ConcurrentHashMap<>();
  private final Bucket rows = new Bucket();
  private final Bucket compute = new Bucket();
  private final AtomicInteger underWay = new AtomicInteger();
  private final LongAdder rowsUsed = new LongAdder();
  private final LongAdder computeNanos = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private volatile Share share = Share.DEFAULT;

  Tenant(String name, int number) {
    this.name = name;
    this.number = number;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Counts up from 0; -1 is nobody. */
  int number() {
    return number;
  }

  /** What it may have. */
  public Share share() {
    return share;
  }

  /** Changes what it may have, from now on. */
  public void share(Share newShare) {
    share = newShare;
    line.weight(newShare.weight());
    lines.values().forEach(other -> other.weight(newShare.weight()));
    long now = System.nanoTime();
    rows.rate(newShare.rowsPerSecond(), now);
    compute.rate(newShare.computeMillisPerSecond() * 1e6, now);
  }

  /** Calls that wait for a core. */
  public int waiting() {
    int waiting = line.length();
    for (Gate.Line other : lines.values()) {
      waiting += other.length();
    }
    return waiting;
  }

  /** Calls that are under way or wait. */
  public int underWay() {
    return underWay.get();
  }

  /** Rows that were run for it. */
  public long rows() {
    return rowsUsed.sum();
  }

  /** Time on cores that was used for it. */
  public long computeNanos() {
    return computeNanos.sum();
  }

  /** Calls that its limits have refused. */
  public long refused() {
    return refused.sum();
  }

  /** Its place before the cores. */
  Gate.Line line() {
    return line;
  }

  /** Its place before the cores, or before a device. */
  Gate.Line line(Gate gate) {
    if (!gate.isStrict()) {
      return line;
    }
    Gate.Line known = lines.get(gate);
    if (known == null) {
      known = lines.computeIfAbsent(gate, _ -> new Gate.Line());
      known.weight(share.weight());
    }
    return known;
  }

  /** Admits a call, which ends with {@link #ended}; nanoseconds to wait where it may not yet. */
  long admit(long rowsOfCall, long now) {
    Share limits = share;
    int already = underWay.getAndIncrement();
    long wait = limits.concurrent() > 0 && already >= limits.concurrent() ? 1_000_000 : 0;
    if (wait == 0) {
      wait = compute.untilAny(now);
    }
    if (wait == 0) {
      wait = rows.take(rowsOfCall, now);
    }
    if (wait > 0) {
      underWay.decrementAndGet();
      refused(now);
    }
    return wait;
  }

  /** It has asked for more than it may have. */
  void refused(long now) {
    refused.increment();
    line.refused(now);
    lines.values().forEach(one -> one.refused(now));
  }

  void ended() {
    underWay.decrementAndGet();
  }

  void used(long rowsRun, long nanos) {
    rowsUsed.add(rowsRun);
    computeNanos.add(nanos);
    compute.charge(nanos, System.nanoTime());
  }
}
