package kr.madang.gateway.oip;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in the making, as UTF-8. */
final class JsonBytes {
  private static final int MOST = Integer.MAX_VALUE - 8;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes;
  private int length;

  JsonBytes(int expected) {
    bytes = new byte[expected];
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Makes room for so many bytes more. */
  void room(long more) {
    long needed = length + more;
    if (needed > bytes.length) {
      if (needed > MOST) {
        throw new Refusal(
            Status.UNAVAILABLE,
            "the answer takes more than 2 GiB; ask for fewer rows at once, or for fewer outputs");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(MOST, Math.max(needed, 2L * bytes.length)));
    }
  }

  /** Bytes that are JSON already. */
  JsonBytes raw(byte[] json) {
    room(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  /** Bytes as they are. */
  void copy(ByteBuffer data) {
    int size = data.remaining();
    room(size);
    data.get(data.position(), bytes, length, size);
    length += size;
  }

  JsonBytes put(char c) {
    room(1);
    bytes[length++] = (byte) c;
    return this;
  }

  @SuppressWarnings("deprecation")
  private JsonBytes ascii(String text) {
    int size = text.length();
    room(size);
    text.getBytes(0, size, bytes, length);
    length += size;
    return this;
  }

  JsonBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return text(ByteBuffer.wrap(utf8), 0, utf8.length);
  }

  /** A string from UTF-8, with what JSON wants escaped. */
  JsonBytes text(ByteBuffer utf8, int from, int size) {
    room(2 + 6L * size);
    bytes[length++] = '"';
    for (int i = from; i < from + size; i++) {
      byte b = utf8.get(i);
      if (b == '"' || b == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = b;
      } else if (b >= 0 && b < 0x20) {
        ascii("\\u00");
        bytes[length++] = HEX[b >> 4];
        bytes[length++] = HEX[b & 15];
      } else {
        bytes[length++] = b;
      }
    }
    bytes[length++] = '"';
    return this;
  }

  JsonBytes number(long value) {
    if (value >= 0 && value < 10) {
      return put((char) ('0' + value));
    }
    return ascii(Long.toString(value));
  }

  JsonBytes unsigned(long value) {
    return value >= 0 ? number(value) : ascii(Long.toUnsignedString(value));
  }

  /** The shortest number that reads as the same float; null for what JSON has no number for. */
  JsonBytes number(float value) {
    return Float.isFinite(value) ? ascii(Float.toString(value)) : ascii("null");
  }

  /** The shortest number that reads as the same double; null for what JSON has no number for. */
  JsonBytes number(double value) {
    return Double.isFinite(value) ? ascii(Double.toString(value)) : ascii("null");
  }

  JsonBytes flag(boolean value) {
    return ascii(value ? "true" : "false");
  }
}
