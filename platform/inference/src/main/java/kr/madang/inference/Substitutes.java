package kr.madang.inference;

import java.nio.ByteBuffer;
import java.util.Arrays;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/**
 * What stands in for the Bad and missing values of one field of one input. For {@code hold} it
 * remembers the values of the latest row that had some, and the last one before that row: windows
 * overlap, so what comes before a value may lie in the middle of the window before. What it knows
 * depends on the rows alone, not on where batches end.
 */
final class Substitutes {
  private static final int FIRST_ROOM = 16;

  private final FieldSource source;
  private final ElementType target;

  /** Whether values are kept as integers; else they are the bits of a double. */
  private final boolean exact;

  private final boolean holds;
  private final long limit;
  private final long constant;

  /** The place of the times: of the rows, or of the elements of windows. */
  private final int timeColumn;

  private long timeAddress;

  /** The values to put in, row by row. */
  private int[] rows = new int[FIRST_ROOM];

  private int[] elements = new int[FIRST_ROOM];
  private long[] values = new long[FIRST_ROOM];
  private int count;

  /** What is known after the rows of this batch so far, oldest first. */
  private Known known;

  /** What was known after the batch before: a batch may come again, if its run failed. */
  private Known before;

  /** Values with their times. */
  private static final class Known {
    final long[] times;
    final long[] values;
    int size;

    Known(int most) {
      times = new long[most];
      values = new long[most];
    }

    void set(int place, long time, long value) {
      times[place] = time;
      values[place] = value;
    }

    void take(Known other) {
      size = other.size;
      System.arraycopy(other.times, 0, times, 0, size);
      System.arraycopy(other.values, 0, values, 0, size);
    }

    /** The place of the last one at or before a time; -1 without one. */
    int latest(long time) {
      int place = size - 1;
      while (place >= 0 && times[place] > time) {
        place--;
      }
      return place;
    }
  }

  private Substitutes(
      FieldSource source,
      ElementType target,
      boolean holds,
      long limit,
      double constant,
      int timeColumn) {
    this.source = source;
    this.target = target;
    this.exact = !target.isFloat() && !source.type.isFloat();
    this.holds = holds;
    this.limit = limit;
    this.constant = exact ? Math.round(constant) : Double.doubleToRawLongBits(constant);
    this.timeColumn = timeColumn;
    known = new Known(holds ? source.length + 1 : 0);
    before = new Known(known.times.length);
  }

  static Substitutes constant(FieldSource source, ElementType target, OnBad.Impute policy) {
    double value =
        policy.value().equals(Policies.MEAN) ? source.mean : Double.parseDouble(policy.value());
    return new Substitutes(source, target, false, 0, value, -1);
  }

  static Substitutes held(
      FieldSource source, ElementType target, OnBad.Hold policy, int timeColumn) {
    return new Substitutes(source, target, true, policy.limit().toNanos(), 0, timeColumn);
  }

  /** Takes the addresses of a batch. */
  void bind(VectorSchemaRoot root) {
    count = 0;
    if (holds) {
      known.take(before);
      FieldVector column = root.getVector(timeColumn);
      ArrowBuf times =
          column instanceof FixedSizeListVector lists
              ? lists.getDataVector().getDataBuffer()
              : column.getDataBuffer();
      if (times.capacity() < (long) root.getRowCount() * source.length * Long.BYTES) {
        throw new PluginException(
            ErrorCode.BUG,
            "field %s: its times are cut short; the step before made them wrong"
                .formatted(source.field));
      }
      timeAddress = times.memoryAddress();
    }
  }

  boolean any() {
    return count > 0;
  }

  /**
   * Finds what stands in for each missing value of a Bad row; all of them are missing unless some
   * are marked so.
   *
   * @return false, and nothing is put in, if there is nothing for one of them
   */
  boolean fill(int row) {
    int first = count;
    boolean some = source.list && source.holed(row);
    int last = -1;
    for (int element = 0; element < source.length; element++) {
      if (some && !source.gap(row, element)) {
        last = element;
      } else if (!holds) {
        add(row, element, constant);
      } else {
        long time = time(row, element);
        int place = last < 0 ? known.latest(time) : -1;
        if (last < 0 && place < 0) {
          count = first;
          return false;
        }
        long age = time - (last < 0 ? known.times[place] : time(row, last));
        if (age < 0 || age > limit) {
          count = first;
          return false;
        }
        add(row, element, last < 0 ? known.values[place] : value(row, last));
      }
    }
    return true;
  }

  /** Notes the values of a row that can stand in for later ones; rows come in order. */
  void remember(int row) {
    if (!holds) {
      return;
    }
    int status = source.status(row);
    boolean bad = Quality.isBad(status);
    if (source.list ? bad && !source.holed(row) : !Quality.isGood(status)) {
      return;
    }
    int kept = 0;
    if (bad && source.gap(row, 0)) {
      int place = known.latest(time(row, 0));
      if (place >= 0) {
        known.set(0, known.times[place], known.values[place]);
        kept = 1;
      }
    }
    for (int element = 0; element < source.length; element++) {
      if (!bad || !source.gap(row, element)) {
        known.set(kept++, time(row, element), value(row, element));
      }
    }
    known.size = kept;
  }

  /** The batch is done with: coming ones build on what is known after it. */
  void commit() {
    Known old = before;
    before = known;
    known = old;
  }

  /** Puts the values into rows of a tensor that were gathered before. */
  void put(int[] selection, int running, long base, int width) {
    int at = 0;
    for (int i = 0; i < count; i++) {
      while (at < running && (selection.length == 0 ? at : selection[at]) < rows[i]) {
        at++;
      }
      if (at == running) {
        return;
      }
      if ((selection.length == 0 ? at : selection[at]) == rows[i]) {
        long cell = (long) at * width + source.place.offset() + elements[i] * source.place.stride();
        if (exact && target == ElementType.UINT64 && source.type == target) {
          Memory.putLong(base + (cell << 3), values[i]);
        } else if (exact) {
          Cells.put(target, base, cell, values[i]);
        } else {
          double value = Double.longBitsToDouble(values[i]);
          Cells.put(target, base, cell, (value - source.mean) / source.deviation);
        }
      }
    }
  }

  private long time(int row, int element) {
    return Memory.getLong(timeAddress + (((long) row * source.length + element) << 3));
  }

  private long value(int row, int element) {
    long index = (long) row * source.length + element;
    return exact ? source.integer(index) : Double.doubleToRawLongBits(source.number(index));
  }

  private void add(int row, int element, long value) {
    if (count == rows.length) {
      rows = Arrays.copyOf(rows, 2 * count);
      elements = Arrays.copyOf(elements, 2 * count);
      values = Arrays.copyOf(values, 2 * count);
    }
    rows[count] = row;
    elements[count] = element;
    values[count] = value;
    count++;
  }

  /** The bytes that {@link #save} writes; 0 if there is nothing to keep. */
  int bytes() {
    return holds ? Integer.BYTES + before.size * 2 * Long.BYTES : 0;
  }

  void save(ByteBuffer out) {
    if (holds) {
      out.putInt(before.size);
      for (int i = 0; i < before.size; i++) {
        out.putLong(before.times[i]).putLong(before.values[i]);
      }
    }
  }

  void restore(ByteBuffer in) {
    if (holds) {
      before.size = in.getInt();
      for (int i = 0; i < before.size; i++) {
        before.set(i, in.getLong(), in.getLong());
      }
    }
  }
}
