package kr.madang.journal;

import java.nio.ByteBuffer;

/**
 * Tells a bit that has turned over from a write that was torn: what is one bit away from its
 * checksum was written as a whole once.
 */
final class OneBit {
  private static final int POLYNOMIAL = 0x82F6_3B78;
  private static final int[] TABLE = table();

  private OneBit() {}

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) == 0 ? value >>> 1 : value >>> 1 ^ POLYNOMIAL;
      }
      table[i] = value;
    }
    return table;
  }

  /**
   * The byte of which one bit explains a wrong CRC32C, or -1.
   *
   * @param difference between the checksum that was expected and the one that was found
   * @param bytes how many the checksum is of
   */
  static int in(int difference, int bytes) {
    int[] effect = new int[8];
    for (int bit = 0; bit < 8; bit++) {
      effect[bit] = TABLE[1 << bit];
    }
    for (int left = bytes; left > 0; left--) {
      for (int bit = 0; bit < 8; bit++) {
        if (effect[bit] == difference) {
          return left - 1;
        }
        effect[bit] = effect[bit] >>> 8 ^ TABLE[effect[bit] & 0xFF];
      }
    }
    return -1;
  }

  /** Turns each bit of a record's header over; the byte in which that makes it whole, or -1. */
  static int mend(ByteBuffer from, int at, RecordHeader header) {
    ByteBuffer copy = Layout.buffer(Layout.HEADER);
    copy.put(0, from, at, Layout.HEADER);
    for (int bit = 0; bit < Layout.HEADER * 8; bit++) {
      byte was = copy.get(bit >> 3);
      copy.put(bit >> 3, (byte) (was ^ 1 << (bit & 7)));
      if (header.read(copy, 0)) {
        return bit >> 3;
      }
      copy.put(bit >> 3, was);
    }
    return -1;
  }
}
