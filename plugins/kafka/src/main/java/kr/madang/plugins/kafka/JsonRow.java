package kr.madang.plugins.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;

/** Writes one JSON object after another into the same memory. One thread. */
final class JsonRow {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final long DAY = 86_400_000_000_000L;
  private static final double WHOLE = 1e15;

  private byte[] bytes = new byte[512];
  private int at;

  /** The date that was written last, since it rarely changes. */
  private long day = Long.MIN_VALUE;

  private final byte[] date = new byte[10];
  private byte[] scratch = new byte[256];

  void clear() {
    at = 0;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, at);
  }

  /** Bytes that are JSON already. */
  void raw(byte[] json) {
    room(json.length);
    System.arraycopy(json, 0, bytes, at, json.length);
    at += json.length;
  }

  void raw(char c) {
    room(1);
    bytes[at++] = (byte) c;
  }

  /** A key with its colon, as it is put between two values. */
  static byte[] key(String name, boolean first) {
    JsonRow row = new JsonRow();
    row.raw(first ? '{' : ',');
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    row.text(utf8, 0, utf8.length);
    row.raw(':');
    return row.copy();
  }

  void number(double value) {
    if (!Double.isFinite(value)) {
      raw(NULL);
    } else if (value == Math.rint(value)
        && Math.abs(value) < WHOLE
        && (value != 0 || 1 / value > 0)) {
      integer((long) value);
    } else {
      ascii(Double.toString(value));
    }
  }

  static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  @SuppressWarnings("deprecation") // The form of getBytes that takes Latin-1 without a charset.
  private void ascii(String text) {
    int length = text.length();
    room(length);
    text.getBytes(0, length, bytes, at);
    at += length;
  }

  void integer(long value) {
    if (value == Long.MIN_VALUE) {
      ascii("-9223372036854775808");
      return;
    }
    room(20);
    long rest = value;
    if (rest < 0) {
      bytes[at++] = '-';
      rest = -rest;
    }
    int digits = 1;
    for (long limit = rest; limit >= 10; limit /= 10) {
      digits++;
    }
    for (int i = at + digits - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    at += digits;
  }

  /** A time as RFC 3339 with nine digits, in quotes. */
  void time(long nanos) {
    long of = Math.floorDiv(nanos, DAY);
    if (of != day) {
      byte[] text =
          java.time.LocalDate.ofEpochDay(of).toString().getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(text, 0, date, 0, 10);
      day = of;
    }
    room(32);
    bytes[at++] = '"';
    System.arraycopy(date, 0, bytes, at, 10);
    at += 10;
    long rest = nanos - of * DAY;
    int seconds = (int) (rest / 1_000_000_000);
    bytes[at++] = 'T';
    two(seconds / 3600);
    bytes[at++] = ':';
    two(seconds / 60 % 60);
    bytes[at++] = ':';
    two(seconds % 60);
    bytes[at++] = '.';
    int fraction = (int) (rest % 1_000_000_000);
    for (int i = at + 8; i >= at; i--) {
      bytes[i] = (byte) ('0' + fraction % 10);
      fraction /= 10;
    }
    at += 9;
    bytes[at++] = 'Z';
    bytes[at++] = '"';
  }

  private void two(int value) {
    bytes[at++] = (byte) ('0' + value / 10);
    bytes[at++] = (byte) ('0' + value % 10);
  }

  /** A text of UTF-8, in quotes. */
  void text(byte[] utf8, int from, int length) {
    room(length * 6 + 2);
    bytes[at++] = '"';
    for (int i = from; i < from + length; i++) {
      byte b = utf8[i];
      if (b == '"' || b == '\\') {
        bytes[at++] = '\\';
        bytes[at++] = b;
      } else if (b >= 0 && b < 32) {
        bytes[at++] = '\\';
        bytes[at++] = 'u';
        bytes[at++] = '0';
        bytes[at++] = '0';
        bytes[at++] = HEX[b >> 4];
        bytes[at++] = HEX[b & 15];
      } else {
        bytes[at++] = b;
      }
    }
    bytes[at++] = '"';
  }

  void text(ArrowBuf utf8, long from, int length) {
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, 2 * scratch.length)];
    }
    utf8.getBytes(from, scratch, 0, length);
    text(scratch, 0, length);
  }

  private void room(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(at, more)));
    }
  }
}
