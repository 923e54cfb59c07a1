package kr.madang.engine.compare;

import org.jspecify.annotations.Nullable;

/**
 * One row, copied out of its batch so that it can wait for its partner. Reused: a row costs no
 * object.
 */
final class Row {
  static final byte MISSING = 0;
  static final byte DOUBLE = 1;
  static final byte LONG = 2;
  static final byte TEXT = 3;

  /** The key; meaningful only if {@link #timed}. */
  long time;

  boolean timed;

  /** The tag of a sample by its number in {@link Tags}, 0 for frames. */
  int tag;

  /** The number of the row on its side, for samples within its tag, from 0. */
  long number;

  /** The key, or for a row without one the last key before it: where it stands in time. */
  long order;

  /** For each column what there is. */
  final byte[] kinds;

  /** The numbers: raw bits of doubles, or longs; a list takes as many as it is wide. */
  final long[] bits;

  final int[] statuses;
  final @Nullable String[] texts;

  @Nullable Row nextOfSameHash;
  @Nullable Row older;
  @Nullable Row newer;

  Row(Layout layout) {
    kinds = new byte[layout.columns().size()];
    statuses = new int[layout.columns().size()];
    texts = new String[layout.columns().size()];
    bits = new long[layout.cells()];
  }

  boolean sameKey(Row other) {
    return timed == other.timed && tag == other.tag && (!timed || time == other.time);
  }

  int hash() {
    long mixed = ((timed ? time : 0x5DEECE66DL) + 31L * tag) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }
}
