package kr.madang.engine.step;

import java.nio.ByteBuffer;
import java.util.List;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * The rows that coming windows need, field by field and one after the other, so that a window is
 * one stretch of memory. Rows are numbered from the first that ever came; a missing value is NaN.
 */
final class WindowHistory implements AutoCloseable {
  private final List<FrameField> fields;
  private final int capacity;
  private final long[] times;
  private final int[][] statuses;

  /** The last row of each field that was not Good. */
  private final long[] lastNotGood;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf values;
  private long first;
  private int size;

  /**
   * @param capacity rows that find a place at once
   */
  WindowHistory(List<FrameField> fields, int capacity, BufferAllocator allocator) {
    this.fields = fields;
    this.capacity = capacity;
    this.allocator = allocator;
    times = new long[capacity];
    statuses = new int[fields.size()][capacity];
    lastNotGood = new long[fields.size()];
    java.util.Arrays.fill(lastNotGood, -1);
  }

  long end() {
    return first + size;
  }

  int room() {
    return capacity - size;
  }

  long time(long row) {
    return times[(int) (row - first)];
  }

  ArrowBuf values() {
    ArrowBuf buffer = values;
    if (buffer == null) {
      buffer = allocator.buffer((long) fields.size() * capacity * Double.BYTES);
      values = buffer;
    }
    return buffer;
  }

  /** Where in {@link #values} a row of a field is. */
  long offset(int field, long row) {
    return ((long) field * capacity + (row - first)) * Double.BYTES;
  }

  /** The worst status of a field over some rows; of equally bad ones the first. */
  int worst(int field, long row, int rows) {
    int[] status = statuses[field];
    int from = (int) (row - first);
    int worst = status[from];
    if (lastNotGood[field] >= row) {
      for (int i = from + 1; i < from + rows; i++) {
        worst = Quality.worst(worst, status[i]);
      }
    }
    return worst;
  }

  /** Takes rows, for which there is room. */
  void append(VectorSchemaRoot in, int from, int rows) {
    ArrowBuf inTimes = in.getVector(0).getDataBuffer();
    for (int i = 0; i < rows; i++) {
      times[size + i] = inTimes.getLong((long) (from + i) << 3);
    }
    ArrowBuf to = values();
    for (int f = 0; f < fields.size(); f++) {
      FieldVector column = in.getVector(fields.get(f).value());
      ArrowBuf inStatus = in.getVector(fields.get(f).status()).getDataBuffer();
      long offset = offset(f, end());
      if (column instanceof Float8Vector) {
        to.setBytes(offset, column.getDataBuffer(), (long) from << 3, (long) rows << 3);
      } else {
        for (int i = 0; i < rows; i++) {
          to.setDouble(offset + ((long) i << 3), Numbers.read(column, from + i));
        }
      }
      boolean complete = column.getNullCount() == 0;
      int[] status = statuses[f];
      for (int i = 0; i < rows; i++) {
        int code = inStatus.getInt((long) (from + i) << 2);
        boolean missing = Quality.isBad(code);
        if (!complete && !missing && column.isNull(from + i)) {
          missing = true;
          code = Quality.BAD_NO_DATA;
        }
        if (missing) {
          to.setDouble(offset + ((long) i << 3), Double.NaN);
        } else if (Double.isNaN(to.getDouble(offset + ((long) i << 3)))) {
          code = Quality.BAD_OUT_OF_RANGE;
        }
        if (!Quality.isGood(code)) {
          lastNotGood[f] = end() + i;
        }
        status[size + i] = code;
      }
    }
    size += rows;
  }

  /** Forgets the rows before one, which may be yet to come. */
  void forgetBefore(long row) {
    int gone = (int) Math.min(size, row - first);
    if (gone <= 0) {
      return;
    }
    int left = size - gone;
    if (left > 0) {
      System.arraycopy(times, gone, times, 0, left);
      ArrowBuf buffer = values();
      for (int f = 0; f < fields.size(); f++) {
        System.arraycopy(statuses[f], gone, statuses[f], 0, left);
        long start = (long) f * capacity * Double.BYTES;
        buffer.setBytes(start, buffer, start + gone * 8L, left * 8L);
      }
    }
    first += gone;
    size = left;
  }

  byte[] save(long from) {
    int rows = (int) Math.max(0, end() - from);
    ByteBuffer out =
        ByteBuffer.allocate(
            2 * Long.BYTES + Integer.BYTES + rows * (Long.BYTES + fields.size() * 12));
    out.putLong(end()).putLong(from).putInt(rows);
    for (long row = end() - rows; row < end(); row++) {
      out.putLong(time(row));
      for (int f = 0; f < fields.size(); f++) {
        out.putDouble(values().getDouble(offset(f, row)));
        out.putInt(statuses[f][(int) (row - first)]);
      }
    }
    return out.array();
  }

  /** Gives back from which row on windows are to be made. */
  long restore(byte[] saved) {
    ByteBuffer in = ByteBuffer.wrap(saved);
    long end = in.getLong();
    long from = in.getLong();
    int rows = in.getInt();
    first = end - rows;
    size = rows;
    for (int i = 0; i < rows; i++) {
      times[i] = in.getLong();
      for (int f = 0; f < fields.size(); f++) {
        values().setDouble(offset(f, first + i), in.getDouble());
        statuses[f][i] = in.getInt();
        if (!Quality.isGood(statuses[f][i])) {
          lastNotGood[f] = first + i;
        }
      }
    }
    return from;
  }

  @Override
  public void close() {
    if (values != null) {
      values.close();
      values = null;
    }
  }
}
