package kr.madang.inference;

import java.util.Arrays;
import java.util.List;
import kr.madang.inference.Columns.Column;

/**
 * What was seen of the columns of a model in a window of time that moves on slice by slice. One
 * thread at a time. Nothing is made while it looks.
 */
final class Sightings {
  private static final int SLICES = 30;
  private static final int BINS = Baseline.BINS;
  private static final int MISSING = BINS;
  private static final int OUTSIDE = BINS + 1;
  private static final int SEEN = BINS + 2;
  private static final int SAMPLED = BINS + 3;
  private static final int WIDTH = BINS + 4;

  /** Values of a column that are looked at in a batch; of larger ones rows are left out evenly. */
  private static final int MOST_VALUES = 16;

  private final List<Column> columns;
  private final long sliceNanos;
  private final long[] cells;
  private final double[] least;
  private final double[] most;
  private long slice = Long.MIN_VALUE;
  private int turn;

  /** Nothing was seen yet. */
  Sightings(List<Column> columns, long windowNanos) {
    this.columns = columns;
    this.sliceNanos = Math.max(1, windowNanos / SLICES);
    this.cells = new long[SLICES * columns.size() * WIDTH];
    this.least = new double[SLICES * columns.size()];
    this.most = new double[SLICES * columns.size()];
    clear();
  }

  void clear() {
    Arrays.fill(cells, 0);
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
  }

  /** Comes to a moment; what is older than the window is forgotten. */
  void at(long nanos) {
    long now = Math.floorDiv(nanos, sliceNanos);
    if (now == slice) {
      return;
    }
    long gone = slice == Long.MIN_VALUE ? SLICES : Math.min(SLICES, now - slice);
    for (long i = 0; i < gone; i++) {
      int row = Math.floorMod(now - i, SLICES) * columns.size();
      Arrays.fill(cells, row * WIDTH, (row + columns.size()) * WIDTH, 0);
      Arrays.fill(least, row, row + columns.size(), Double.POSITIVE_INFINITY);
      Arrays.fill(most, row, row + columns.size(), Double.NEGATIVE_INFINITY);
    }
    slice = now;
    turn++;
  }

  private int row(int column) {
    return Math.floorMod(slice, SLICES) * columns.size() + column;
  }

  /** Some values of a column were not there. */
  void missing(int column, long values) {
    cells[row(column) * WIDTH + MISSING] += values;
  }

  /** So many values should have been there. */
  void seen(int column, long values) {
    cells[row(column) * WIDTH + SEEN] += values;
  }

  /**
   * Looks at the rows of a tensor.
   *
   * @param base where it lies
   * @param bins of the column
   */
  void look(int at, Bins bins, ElementType type, long base, int rows) {
    Column column = columns.get(at);
    int row = row(at);
    int cell = row * WIDTH;
    int perRow = Math.max(1, MOST_VALUES / column.count());
    int step = Math.max(1, (rows + perRow - 1) / perRow);
    int inner = Math.max(1, column.count() / MOST_VALUES);
    int weight = step * inner;
    // another row comes first each time, so that a rhythm of the data does not hide
    int first = step == 1 ? 0 : (turn++ & Integer.MAX_VALUE) % step;
    int count = column.count();
    int elements = column.elements();
    int offset = column.offset();
    int stride = column.stride();
    boolean floats = type == ElementType.FLOAT32;
    double low = least[row];
    double high = most[row];
    int gone = 0;
    int outside = 0;
    int sampled = 0;
    for (int r = first; r < rows; r += step) {
      long element = (long) r * elements + offset;
      for (int i = 0; i < count; i += inner) {
        long index = element + (long) i * stride;
        double value =
            floats ? Memory.getFloat(base + (index << 2)) : Cells.number(type, base, index);
        sampled++;
        if (Double.isNaN(value)) {
          gone++;
        } else {
          cells[cell + bins.of(value)] += weight;
          outside += bins.outside(value) ? 1 : 0;
          low = value < low ? value : low;
          high = value > high ? value : high;
        }
      }
    }
    cells[cell + MISSING] += (long) gone * weight;
    cells[cell + OUTSIDE] += (long) outside * weight;
    cells[cell + SAMPLED] += sampled - gone;
    least[row] = low;
    most[row] = high;
  }

  /** What was seen of a column within the window. */
  Sum sum(int column) {
    long[] all = new long[WIDTH];
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int s = 0; s < SLICES; s++) {
      int row = s * columns.size() + column;
      for (int i = 0; i < WIDTH; i++) {
        all[i] += cells[row * WIDTH + i];
      }
      low = Math.min(low, least[row]);
      high = Math.max(high, most[row]);
    }
    return new Sum(all, low, high);
  }

  /** The sum of a window; counts by bin, and the others behind them. */
  record Sum(long[] counts, double low, double high) {
    Sum {
      counts = counts.clone();
    }

    long missing() {
      return counts[MISSING];
    }

    long outside() {
      return counts[OUTSIDE];
    }

    long seen() {
      return counts[SEEN];
    }

    long sampled() {
      return counts[SAMPLED];
    }

    /** All that lie in bins. */
    long values() {
      long sum = 0;
      for (int i = 0; i < BINS; i++) {
        sum += counts[i];
      }
      return sum;
    }

    /** The same with what somebody else has seen. */
    Sum with(Sum other) {
      long[] both = new long[WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        both[i] = counts[i] + other.counts[i];
      }
      return new Sum(both, Math.min(low, other.low), Math.max(high, other.high));
    }
  }
}
