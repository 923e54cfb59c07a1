package kr.madang.engine.compare;

import java.time.Instant;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** A column of timestamps of any unit, read as ns since 1970 UTC. */
final class Times {
  private static final long SECOND = 1_000_000_000L;

  private final TimeStampVector vector;
  private final long nanos;

  private Times(TimeStampVector vector, long nanos) {
    this.vector = vector;
    this.nanos = nanos;
  }

  /** The times of a column, or null if it is no column of timestamps. */
  static @Nullable Times of(@Nullable FieldVector vector) {
    if (vector instanceof TimeStampVector times
        && times.getField().getType() instanceof ArrowType.Timestamp type) {
      return new Times(
          times,
          switch (type.getUnit()) {
            case SECOND -> SECOND;
            case MILLISECOND -> 1_000_000;
            case MICROSECOND -> 1_000;
            case NANOSECOND -> 1;
          });
    }
    return null;
  }

  boolean isSet(int row) {
    return !vector.isNull(row);
  }

  /** The time of a row, or the nearest that fits into 64 bits. */
  long get(int row) {
    long time = vector.get(row);
    if (nanos == 1) {
      return time;
    }
    long high = Math.multiplyHigh(time, nanos);
    long low = time * nanos;
    if (high == 0 && low >= 0 || high == -1 && low < 0) {
      return low;
    }
    return time < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND));
  }

  static @Nullable Instant of(Row row) {
    return row.timed ? instant(row.time) : null;
  }
}
