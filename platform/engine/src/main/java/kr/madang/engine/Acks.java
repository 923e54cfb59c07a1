package kr.madang.engine;

import java.util.Arrays;
import java.util.BitSet;

/** Up to which of its batches all sinks that a source feeds have everything. */
final class Acks {
  private final long[] bySink;
  private long accepted;

  /** Batches are numbered from 1; {@code fed} are the sinks that the source leads to. */
  Acks(int sinks, BitSet fed) {
    bySink = new long[sinks];
    Arrays.fill(bySink, Long.MAX_VALUE);
    fed.stream().forEach(sink -> bySink[sink] = 0);
    // Rows that lead to no sink need not wait for one.
    accepted = fed.isEmpty() ? Long.MAX_VALUE : 0;
  }

  /** One place takes all the rows. */
  static Acks ofOne() {
    BitSet one = new BitSet();
    one.set(0);
    return new Acks(1, one);
  }

  synchronized void accept(int sink, long number) {
    bySink[sink] = Math.max(bySink[sink], number);
    long least = Long.MAX_VALUE;
    for (long accepted : bySink) {
      least = Math.min(least, accepted);
    }
    accepted = Math.max(accepted, least);
  }

  synchronized long accepted() {
    return accepted;
  }
}
