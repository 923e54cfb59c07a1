package kr.madang.plugins.mqtt;

import java.util.Arrays;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** Rows that are read and not yet emitted, in columns. One thread. */
final class Readings {
  private static final byte MISSING = 0;
  private static final byte NUMBER = 1;
  private static final byte INTEGER = 2;
  private static final byte TEXT = 3;
  private static final byte BYTES = 4;
  private static final long EXACT = 1L << 53;

  private int rows;
  private int[] tags = new int[256];
  private byte[] kinds = new byte[256];
  private long[] bits = new long[256];
  private @Nullable Object[] objects = new Object[256];
  private int[] statuses = new int[256];
  private long[] times = new long[256];

  int rows() {
    return rows;
  }

  /** Throws away the rows from a number on. */
  void cut(int from) {
    Arrays.fill(objects, from, rows, null);
    rows = from;
  }

  /** A number; one that is none counts as out of range. */
  void number(int tag, double value, int status, long time) {
    if (!Double.isFinite(value)) {
      missing(tag, Quality.worst(status, Quality.BAD_OUT_OF_RANGE), time);
      return;
    }
    add(tag, NUMBER, Double.doubleToRawLongBits(value), null, status, time);
  }

  /** An integer, as a number if it can be one without loss. */
  void integer(int tag, long value, int status, long time) {
    if (value >= -EXACT && value <= EXACT) {
      add(tag, NUMBER, Double.doubleToRawLongBits((double) value), null, status, time);
    } else {
      add(tag, INTEGER, value, null, status, time);
    }
  }

  void text(int tag, String value, int status, long time) {
    add(tag, TEXT, 0, value, status, time);
  }

  void bytes(int tag, byte[] value, int status, long time) {
    add(tag, BYTES, 0, value, status, time);
  }

  void missing(int tag, int status, long time) {
    add(tag, MISSING, 0, null, status, time);
  }

  private void add(int tag, byte kind, long bit, @Nullable Object object, int status, long time) {
    if (rows == tags.length) {
      int size = rows * 2;
      tags = Arrays.copyOf(tags, size);
      kinds = Arrays.copyOf(kinds, size);
      bits = Arrays.copyOf(bits, size);
      objects = Arrays.copyOf(objects, size);
      statuses = Arrays.copyOf(statuses, size);
      times = Arrays.copyOf(times, size);
    }
    int row = rows++;
    boolean bad = Quality.isBad(status);
    tags[row] = tag;
    kinds[row] = bad ? MISSING : kind;
    bits[row] = bit;
    objects[row] = bad ? null : object;
    statuses[row] = status;
    times[row] = time;
  }

  /** Sets the time of rows that have none of their own. */
  void time(int from, long time) {
    for (int row = from; row < rows; row++) {
      if (times[row] == SampleWriter.NO_TIME) {
        times[row] = time;
      }
    }
  }

  /** Makes the status of rows at least as bad as this one. */
  void worsen(int from, int status) {
    for (int row = from; row < rows; row++) {
      statuses[row] = Quality.worst(statuses[row], status);
      if (Quality.isBad(statuses[row])) {
        kinds[row] = MISSING;
        objects[row] = null;
      }
    }
  }

  /** Says of good rows without a time that they may be old. */
  void mayBeOld(int from) {
    for (int row = from; row < rows; row++) {
      if (times[row] == SampleWriter.NO_TIME && Quality.isGood(statuses[row])) {
        statuses[row] = Quality.UNCERTAIN_LAST_USABLE_VALUE;
      }
    }
  }

  /** Writes all rows. */
  void write(SampleWriter out, Tags names) {
    for (int row = 0; row < rows; row++) {
      int tag = names.in(out, tags[row]);
      Object object = objects[row];
      switch (kinds[row]) {
        case NUMBER -> out.put(tag, Double.longBitsToDouble(bits[row]), statuses[row], times[row]);
        case INTEGER -> out.putLong(tag, bits[row], statuses[row], times[row]);
        case TEXT -> out.putText(tag, String.valueOf(object), statuses[row], times[row]);
        case BYTES ->
            out.putBytes(
                tag,
                object instanceof byte[] known ? known : new byte[0],
                statuses[row],
                times[row]);
        default -> out.bad(tag, statuses[row], times[row]);
      }
    }
  }
}
