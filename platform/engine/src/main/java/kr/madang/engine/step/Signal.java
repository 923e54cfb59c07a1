package kr.madang.engine.step;

import java.nio.ByteBuffer;
import java.util.Arrays;
import kr.madang.sdk.batch.Quality;

/**
 * The samples of one tag that coming frames need: in order of time, at most one of them at or
 * before the next frame. A sample without a value is Bad.
 */
final class Signal {
  static final int KEPT = 0;
  static final int LATE = 1;
  static final int OVERFLOWED = 2;

  private static final int BYTES = 3 * Long.BYTES + Integer.BYTES;

  private final int limit;
  private long[] times = new long[8];
  private double[] values = new double[8];
  private int[] statuses = new int[8];
  private long[] rows = new long[8];
  private int head;
  private int size;
  private boolean begun;

  /** What {@link #read} found: meaningful unless the status is Bad. */
  double value;

  int status;

  Signal(int limit) {
    this.limit = limit;
  }

  boolean reaches(long time) {
    return size > 0 && times[slot(size - 1)] >= time;
  }

  /** The time of the newest sample; only if there is one. */
  long newest() {
    return times[slot(size - 1)];
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The time of the sample at or before an instant, or the least long. */
  long before(long time) {
    return size > 0 && times[head] <= time ? times[head] : Long.MIN_VALUE;
  }

  /** The time of the first sample after an instant, or the greatest long. */
  long after(long time) {
    for (int i = 0; i < size; i++) {
      if (times[slot(i)] > time) {
        return times[slot(i)];
      }
    }
    return Long.MAX_VALUE;
  }

  /** The number of the oldest input row that no closed frame has seen, or the greatest long. */
  long oldestRowAfter(long closed) {
    int i = size > 0 && times[head] <= closed ? 1 : 0;
    return i < size ? rows[slot(i)] : Long.MAX_VALUE;
  }

  /**
   * Takes a sample.
   *
   * @param row the number of its input row
   * @param next the next frame; the one before is closed
   * @param every from frame to frame
   * @return what was lost by it, if anything
   */
  int add(long time, double value, int status, long row, long next, long every) {
    if (size == 0) {
      put(0, time, value, status, row);
      size = 1;
      return KEPT;
    }
    int last = slot(size - 1);
    long newest = times[last];
    if (time > newest) {
      if (time <= next) {
        // All there is lies before the next frame, and only the last before it matters.
        put(last, time, value, status, row);
        return KEPT;
      }
      return append(time, value, status, row);
    }
    if (time == newest) {
      put(last, time, value, status, rows[last]);
      return KEPT;
    }
    return insert(time, value, status, row, next, every);
  }

  private int append(long time, double value, int status, long row) {
    int lost = makeRoom();
    put(slot(size), time, value, status, row);
    size++;
    return lost;
  }

  private int insert(long time, double value, int status, long row, long next, long every) {
    if (times[head] > time && times[head] <= next) {
      return time <= next - every ? LATE : KEPT;
    }
    int at = size;
    while (at > 0 && times[slot(at - 1)] > time) {
      at--;
    }
    if (at > 0 && (times[slot(at - 1)] == time || time <= next)) {
      int slot = slot(at - 1);
      put(slot, time, value, status, Math.min(rows[slot], row));
      return KEPT;
    }
    int lost = makeRoom();
    if (lost == OVERFLOWED) {
      if (at == 0) {
        // The oldest of a full ring went, and this one is older still: its place is the head.
        at = 1;
      }
      at--;
    }
    for (int i = size; i > at; i--) {
      int from = slot(i - 1);
      put(slot(i), times[from], values[from], statuses[from], rows[from]);
    }
    size++;
    // Numbers of rows never fall from the head on, so that the head alone says what is held.
    put(slot(at), time, value, status, at + 1 < size ? Math.min(row, rows[slot(at + 1)]) : row);
    return lost;
  }

  private int makeRoom() {
    if (size < times.length && size < limit) {
      return KEPT;
    }
    if (size >= limit) {
      head = slot(1);
      size--;
      return OVERFLOWED;
    }
    int capacity = Math.min(limit, 2 * size);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = slot(i);
    }
    long[] newTimes = new long[capacity];
    double[] newValues = new double[capacity];
    int[] newStatuses = new int[capacity];
    long[] newRows = new long[capacity];
    for (int i = 0; i < size; i++) {
      newTimes[i] = times[order[i]];
      newValues[i] = values[order[i]];
      newStatuses[i] = statuses[order[i]];
      newRows[i] = rows[order[i]];
    }
    times = newTimes;
    values = newValues;
    statuses = newStatuses;
    rows = newRows;
    head = 0;
    return KEPT;
  }

  /** Forgets what no frame from {@code next} on can need. */
  void forget(long next) {
    while (size > 1 && times[slot(1)] <= next) {
      head = slot(1);
      size--;
    }
  }

  /** Finds value and status for the next frame. */
  void read(AlignStep.Fill fill, long maxAge, long frame) {
    int previous = size > 0 && times[head] <= frame ? head : -1;
    int next = previous < 0 ? (size > 0 ? head : -1) : size > 1 ? slot(1) : -1;
    begun |= previous >= 0;
    if (previous >= 0 && times[previous] == frame) {
      take(previous);
      return;
    }
    switch (fill) {
      case HOLD -> {
        if (previous < 0) {
          missing(begun ? Quality.BAD_DATA_LOST : Quality.BAD_WAITING_FOR_INITIAL_DATA);
        } else if (frame - times[previous] > maxAge && !Quality.isBad(statuses[previous])) {
          missing(Quality.BAD_NO_DATA);
        } else {
          take(previous);
        }
      }
      case NEAREST -> {
        long back = previous < 0 ? Long.MAX_VALUE : frame - times[previous];
        long ahead = next < 0 ? Long.MAX_VALUE : times[next] - frame;
        if (Math.min(back, ahead) <= maxAge) {
          take(back <= ahead ? previous : next);
        } else {
          missing(previous < 0 ? Quality.BAD_WAITING_FOR_INITIAL_DATA : Quality.BAD_NO_DATA);
        }
      }
      case LINEAR -> line(previous, next, maxAge, frame);
    }
  }

  private void line(int previous, int next, long maxAge, long frame) {
    if (previous < 0) {
      missing(begun ? Quality.BAD_DATA_LOST : Quality.BAD_WAITING_FOR_INITIAL_DATA);
    } else if (Quality.isBad(statuses[previous])) {
      take(previous);
    } else if (next < 0) {
      missing(Quality.BAD_NO_DATA);
    } else if (Quality.isBad(statuses[next])) {
      take(next);
    } else if (times[next] - times[previous] > maxAge) {
      missing(Quality.BAD_NO_DATA);
    } else {
      double share = (double) (frame - times[previous]) / (double) (times[next] - times[previous]);
      value = values[previous] + (values[next] - values[previous]) * share;
      status =
          Double.isNaN(value)
              ? Quality.BAD_OUT_OF_RANGE
              : Quality.worst(statuses[previous], statuses[next]);
    }
  }

  private void take(int slot) {
    value = values[slot];
    status = statuses[slot];
  }

  private void missing(int status) {
    this.status = status;
  }

  private void put(int slot, long time, double value, int status, long row) {
    times[slot] = time;
    values[slot] = value;
    statuses[slot] = status;
    rows[slot] = row;
  }

  private int slot(int i) {
    int slot = head + i;
    return slot < times.length ? slot : slot - times.length;
  }

  int bytes() {
    return 1 + Integer.BYTES + size * BYTES;
  }

  void save(ByteBuffer out) {
    out.put((byte) (begun ? 1 : 0)).putInt(size);
    for (int i = 0; i < size; i++) {
      int slot = slot(i);
      out.putLong(times[slot]).putDouble(values[slot]).putInt(statuses[slot]).putLong(rows[slot]);
    }
  }

  void restore(ByteBuffer in) {
    begun = in.get() == 1;
    size = in.getInt();
    head = 0;
    int capacity = Math.max(times.length, size);
    times = Arrays.copyOf(times, capacity);
    values = Arrays.copyOf(values, capacity);
    statuses = Arrays.copyOf(statuses, capacity);
    rows = Arrays.copyOf(rows, capacity);
    for (int i = 0; i < size; i++) {
      put(i, in.getLong(), in.getDouble(), in.getInt(), in.getLong());
    }
  }
}
