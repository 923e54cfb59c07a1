package kr.madang.gateway.oip;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Texts in the making: each its length, 4 bytes little endian, and UTF-8. */
final class TextBytes {
  /** For tensors of other types. */
  static final TextBytes NONE = new TextBytes();

  private byte[] bytes = new byte[0];
  private int length;

  int length() {
    return length;
  }

  void put(ByteBuffer out) {
    out.put(0, bytes, 0, length);
  }

  /** Adds a text; false if it is no Unicode, since half of a pair is missing. */
  boolean add(char[] text, int from, int count) {
    room(4 + 3L * count);
    int at = length + 4;
    for (int i = from; i < from + count; i++) {
      char c = text[i];
      if (c < 0x80) {
        bytes[at++] = (byte) c;
      } else if (c < 0x800) {
        bytes[at++] = (byte) (0xC0 | c >> 6);
        bytes[at++] = (byte) (0x80 | c & 0x3F);
      } else if (!Character.isSurrogate(c)) {
        bytes[at++] = (byte) (0xE0 | c >> 12);
        bytes[at++] = (byte) (0x80 | c >> 6 & 0x3F);
        bytes[at++] = (byte) (0x80 | c & 0x3F);
      } else if (i + 1 < from + count && Character.isSurrogatePair(c, text[i + 1])) {
        int point = Character.toCodePoint(c, text[++i]);
        bytes[at++] = (byte) (0xF0 | point >> 18);
        bytes[at++] = (byte) (0x80 | point >> 12 & 0x3F);
        bytes[at++] = (byte) (0x80 | point >> 6 & 0x3F);
        bytes[at++] = (byte) (0x80 | point & 0x3F);
      } else {
        return false;
      }
    }
    int size = at - length - 4;
    for (int i = 0; i < 4; i++) {
      bytes[length + i] = (byte) (size >>> 8 * i);
    }
    length = at;
    return true;
  }

  private void room(long more) {
    long needed = length + more;
    if (needed > bytes.length) {
      bytes =
          Arrays.copyOf(
              bytes, Math.toIntExact(Math.min(Integer.MAX_VALUE - 8, Math.max(64, needed * 2))));
    }
  }
}
