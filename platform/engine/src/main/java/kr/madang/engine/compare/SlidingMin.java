package kr.madang.engine.compare;

/** The least of the last few numbers. */
final class SlidingMin {
  private final long[] values;
  private final long[] positions;
  private final int span;
  private int head;
  private int size;
  private long added;

  SlidingMin(int span) {
    this.span = span;
    values = new long[span];
    positions = new long[span];
  }

  void add(long value) {
    if (size > 0 && positions[head] <= added - span) {
      head = (head + 1) % span;
      size--;
    }
    while (size > 0 && values[(head + size - 1) % span] >= value) {
      size--;
    }
    int tail = (head + size) % span;
    values[tail] = value;
    positions[tail] = added++;
    size++;
  }

  /** The least of the last numbers; the least possible while there were fewer than asked for. */
  long get() {
    return added < span ? Long.MIN_VALUE : values[head];
  }
}
