package kr.madang.sdk.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import org.jspecify.annotations.Nullable;

/**
 * One row of a samples batch as a test looks at it.
 *
 * @param tag the name of the tag
 * @param value a {@code Double}, {@code Long}, {@code String} or read-only {@code ByteBuffer}, or
 *     null where it is missing
 * @param status see {@link Quality}
 * @param sourceTime ns since 1970 UTC, null where it is not known
 * @param receiveTime ns since 1970 UTC
 */
public record Sample(
    String tag, @Nullable Object value, int status, @Nullable Long sourceTime, long receiveTime) {

  /** All rows of a samples batch. */
  public static List<Sample> of(Batch batch) {
    Samples samples = Samples.of(batch);
    List<Sample> all = new ArrayList<>();
    for (int row = 0; row < samples.rows(); row++) {
      all.add(
          new Sample(
              samples.tagName(samples.tag(row)),
              value(samples, row),
              samples.status(row),
              samples.hasSourceTime(row) ? Long.valueOf(samples.time(row)) : null,
              samples.receiveTime(row)));
    }
    return all;
  }

  private static @Nullable Object value(Samples samples, int row) {
    if (samples.hasValue(row)) {
      return samples.value(row);
    }
    Long integer = samples.longValue(row);
    if (integer != null) {
      return integer;
    }
    byte[] bytes = samples.bytes(row);
    return bytes != null ? ByteBuffer.wrap(bytes).asReadOnlyBuffer() : samples.text(row);
  }

  /** Whether the value can be used as it is. */
  public boolean good() {
    return Quality.isGood(status);
  }

  /** Whether this is a sample of a tag with a number. */
  public boolean is(String name, double number) {
    return tag.equals(name) && value instanceof Number got && got.doubleValue() == number;
  }

  @Override
  public String toString() {
    return tag + "=" + value + " " + Quality.name(status) + " @" + sourceTime;
  }
}
