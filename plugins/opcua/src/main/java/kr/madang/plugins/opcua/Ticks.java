package kr.madang.plugins.opcua;

import java.time.Instant;
import kr.madang.sdk.batch.SampleWriter;

/** Times of OPC UA: 100 ns since 1601-01-01 UTC, and 10 ps on top. */
final class Ticks {
  private static final long SECONDS_1601_TO_1970 = 11_644_473_600L;
  private static final long EPOCH = SECONDS_1601_TO_1970 * 10_000_000L;
  private static final long LEAST = Long.MIN_VALUE / 100 + 1;
  private static final long GREATEST = Long.MAX_VALUE / 100 - 1;

  private Ticks() {}

  /**
   * Nanoseconds since 1970, or {@link SampleWriter#NO_TIME} when they do not fit into 64 bits.
   *
   * @param tenPicoseconds 0 to 9,999; more counts as the most
   */
  static long nanos(long ticks, int tenPicoseconds) {
    long since = ticks - EPOCH;
    // A subtraction that went over the edge has turned its sign.
    if (ticks < 0 && since > 0 || since < LEAST || since > GREATEST) {
      return SampleWriter.NO_TIME;
    }
    return since * 100 + Math.min(tenPicoseconds, 9_999) / 100;
  }

  /** The ticks at or after an instant; the earliest or the latest that OPC UA knows outside. */
  static long of(Instant instant) {
    long seconds = instant.getEpochSecond() + SECONDS_1601_TO_1970;
    if (seconds <= 0) {
      return 0;
    }
    // 9999-12-31T23:59:59Z is the greatest time of OPC UA.
    if (seconds >= 265_046_774_399L) {
      return 2_650_467_743_990_000_000L;
    }
    return seconds * 10_000_000L + (instant.getNano() + 99) / 100;
  }

  static long ofNanos(long nanos) {
    return Math.floorDiv(nanos, 100) + EPOCH;
  }
}
