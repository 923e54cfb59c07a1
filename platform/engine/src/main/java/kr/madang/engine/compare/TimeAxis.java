package kr.madang.engine.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A scale of times, UTC, with round ticks. */
final class TimeAxis {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long[] STEPS = {
    MILLI,
    2 * MILLI,
    5 * MILLI,
    10 * MILLI,
    20 * MILLI,
    50 * MILLI,
    100 * MILLI,
    200 * MILLI,
    500 * MILLI,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    90 * DAY,
    365 * DAY
  };
  private static final int TICKS = 7;

  private final Instant from;
  private final double span;
  private final long step;

  TimeAxis(Instant from, Instant to) {
    this.from = from;
    double nanos = nanos(from, to);
    this.span = nanos > 0 ? nanos : SECOND;
    long chosen = STEPS[STEPS.length - 1];
    for (int i = STEPS.length - 1; i >= 0 && span / STEPS[i] <= TICKS; i--) {
      chosen = STEPS[i];
    }
    this.step = chosen;
  }

  private static double nanos(Instant from, Instant to) {
    return (to.getEpochSecond() - from.getEpochSecond()) * 1e9 + to.getNano() - from.getNano();
  }

  /** Where a time lies, 0 at the left and 1 at the right. */
  double at(Instant time) {
    return Math.clamp(nanos(from, time) / span, 0, 1);
  }

  /** Whether a time lies within the scale. */
  boolean shows(Instant time) {
    double nanos = nanos(from, time);
    return nanos >= 0 && nanos <= span;
  }

  List<Instant> ticks() {
    long start = from.getEpochSecond() * SECOND + from.getNano();
    List<Instant> ticks = new ArrayList<>();
    long first = Math.ceilDiv(start, step) * step;
    for (int i = 0; i <= 2 * TICKS && first + i * step <= start + span; i++) {
      ticks.add(Times.instant(first + i * step));
    }
    return ticks;
  }

  String label(Instant tick) {
    if (step >= DAY) {
      return Say.date(tick);
    }
    String time = Say.time(tick);
    boolean midnight = time.equals("00:00:00");
    if (step < MINUTE) {
      return time;
    }
    return midnight && span > DAY ? Say.date(tick).substring(5) : time.substring(0, 5);
  }
}
