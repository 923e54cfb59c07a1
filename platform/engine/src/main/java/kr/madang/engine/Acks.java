package kr.madang.engine;

import java.util.Arrays;
import java.util.BitSet;

/** Up to which of its batches all sinks that a source feeds have everything. */
final class Acks {
  private final long[] bySink;
  private long accepted;
  private Runnable listener = () -> {};

  /** Batches are numbered from 1; {@code fed} are the sinks that the source leads to. */
  Acks(int sinks, BitSet fed) {
    bySink = new long[sinks];
    Arrays.fill(bySink, Long.MAX_VALUE);
    fed.stream().forEach(sink -> bySink[sink] = 0);
  }

  synchronized void listener(Runnable listener) {
    this.listener = listener;
  }

  void accept(int sink, long number) {
    Runnable call = null;
    synchronized (this) {
      bySink[sink] = Math.max(bySink[sink], number);
      long least = Arrays.stream(bySink).min().orElse(0);
      if (least > accepted) {
        accepted = least;
        call = listener;
      }
    }
    if (call != null) {
      call.run();
    }
  }

  synchronized long accepted() {
    return accepted;
  }
}
