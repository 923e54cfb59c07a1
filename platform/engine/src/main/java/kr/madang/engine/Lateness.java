package kr.madang.engine;

import java.time.Instant;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.source.Position;

/** How late the rows of a source are that has no positions of its own: kept in the place of one. */
final class Lateness {
  private static final String PREFIX = "latest:";
  private static final long SECOND = 1_000_000_000;

  private Lateness() {}

  /**
   * The greatest source time in samples, nanoseconds since 1970; the least long if none has one.
   *
   * @param atMost later ones are a device's mistake, and do not count
   */
  static long of(Batch batch, long atMost) {
    Samples samples = Samples.of(batch);
    long latest = Long.MIN_VALUE;
    for (int row = 0; row < samples.rows(); row++) {
      long time = samples.hasSourceTime(row) ? samples.time(row) : Long.MIN_VALUE;
      if (time <= atMost) {
        latest = Math.max(latest, time);
      }
    }
    return latest;
  }

  static Position position(long nanos) {
    return new Position(PREFIX + nanos);
  }

  /** What {@link #position} wrote; empty if a source wrote it. */
  static Optional<Instant> time(Position position) {
    String value = position.value();
    if (!value.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      long nanos = Long.parseLong(value, PREFIX.length(), value.length(), 10);
      return Optional.of(
          Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
