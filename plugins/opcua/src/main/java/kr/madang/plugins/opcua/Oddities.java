package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;

/**
 * Counts what a server does that it should not, and says it: each kind at its first time with the
 * tag, then as a sum at most once a minute.
 */
final class Oddities {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long AHEAD = Duration.ofHours(1).toNanos();

  private final Logger log;
  private final InstantSource clock;
  private long overflows;
  private long badTimes;
  private long future;
  private long mismatches;
  private long told;
  private long toldAt;
  private long horizon = Long.MAX_VALUE;

  Oddities(Logger log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  /** A message has come. */
  void turn(long nanoTime) {
    Instant now = clock.instant();
    horizon = now.getEpochSecond() * 1_000_000_000L + now.getNano() + AHEAD;
    long all = overflows + badTimes + future + mismatches;
    if (all > told && nanoTime - toldAt > MINUTE) {
      summary();
      told = all;
      toldAt = nanoTime;
    }
  }

  void overflow(Target target) {
    if (overflows++ == 0) {
      log.warn(
          "{}: the queue at the server ran over, samples are lost; raise queueSize or"
              + " samplingInterval",
          target.item().tag());
    }
  }

  void badTime(Target target) {
    if (badTimes++ == 0) {
      log.warn(
          "{}: the source time lies outside 1677 to 2262; such samples are Uncertain, without"
              + " source time",
          target.item().tag());
    }
  }

  void time(Target target, long time) {
    if (time > horizon && future++ == 0) {
      log.warn(
          "{}: the source time is more than an hour ahead of the clock here; check both clocks",
          target.item().tag());
    }
  }

  void mismatch(Target target, String expected, String got) {
    mismatches++;
    if (target.tell()) {
      log.warn("{}: expected {}, got {}", target.item().tag(), expected, got);
    }
  }

  /** Samples with the overflow bit so far. */
  long overflows() {
    return overflows;
  }

  void summary() {
    if (overflows + badTimes + future + mismatches > 0) {
      log.info(
          "since opening: {} samples with the overflow bit, {} with an impossible time, {} from the"
              + " future, {} of another type than declared",
          overflows,
          badTimes,
          future,
          mismatches);
    }
  }
}
