package kr.madang.plugins.modbus;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;

/** One tag, ready to be read again and again: decoding a number allocates nothing. */
final class Point {
  private static final long EXACT = 1L << 53;

  private final String tag;
  private final Address at;
  private final int unitId;
  private final int width;
  private final Type type;
  private final boolean swapBytes;
  private final boolean swapWords;
  private final boolean raw;
  private final double scale;
  private final double offset;
  private final int bit;
  private final int length;
  private int number;

  Point(Register register, ModbusConfig config) {
    tag = register.tag();
    at = register.at();
    unitId = register.unitId().orElse(config.unitId());
    width = register.width();
    type = register.holds();
    swapBytes = register.byteOrder().orElse(config.byteOrder()) == Order.LITTLE;
    swapWords = register.wordOrder().orElse(config.wordOrder()) == Order.LITTLE;
    scale = register.scale();
    offset = register.offset();
    raw = scale == 1 && offset == 0;
    bit = register.bit().orElse(0);
    length = register.length().orElse(0);
  }

  String tag() {
    return tag;
  }

  Address at() {
    return at;
  }

  Table table() {
    return at.table();
  }

  int unitId() {
    return unitId;
  }

  /** The first address. */
  int start() {
    return at.offset();
  }

  /** The address after the last. */
  int end() {
    return at.offset() + width;
  }

  /** Asks a writer for the number of this tag, once for each writer. */
  void bind(SampleWriter writer) {
    number = writer.tag(tag);
  }

  /** Writes that there is no value. */
  void bad(int status, SampleWriter out) {
    out.bad(number, status, SampleWriter.NO_TIME);
  }

  /**
   * Writes the value.
   *
   * @param answer holds the answer of the device
   * @param data where the answer's values begin
   * @param first the address of the first value
   */
  void write(byte[] answer, int data, int first, SampleWriter out) {
    int index = at.offset() - first;
    if (at.table().bits()) {
      put((answer[data + (index >> 3)] >> (index & 7)) & 1, out);
      return;
    }
    int from = data + 2 * index;
    switch (type) {
      case BOOL -> put((word(answer, from) >> bit) & 1, out);
      case INT16 -> put((short) word(answer, from), out);
      case UINT16 -> put(word(answer, from), out);
      case INT32 -> put((int) words(answer, from, 2), out);
      case UINT32 -> put(words(answer, from, 2), out);
      case FLOAT32 -> put(Float.intBitsToFloat((int) words(answer, from, 2)), out);
      case FLOAT64 -> put(Double.longBitsToDouble(words(answer, from, 4)), out);
      case INT64 -> putLong(words(answer, from, 4), out);
      case UINT64 -> {
        long value = words(answer, from, 4);
        if (value >= 0) {
          putLong(value, out);
        } else if (raw) {
          // No column can carry it exactly; all ones is also how many devices say "no value".
          bad(Quality.BAD_OUT_OF_RANGE, out);
        } else {
          put((value >>> 1) * 2.0 + (value & 1), out);
        }
      }
      case STRING -> putText(answer, from, out);
    }
  }

  private void putLong(long value, SampleWriter out) {
    if (raw && (value > EXACT || value < -EXACT)) {
      out.putLong(number, value, Quality.GOOD, SampleWriter.NO_TIME);
    } else {
      put(value, out);
    }
  }

  private void put(double value, SampleWriter out) {
    double scaled = raw ? value : value * scale + offset;
    if (Double.isFinite(scaled)) {
      out.put(number, scaled, Quality.GOOD, SampleWriter.NO_TIME);
    } else {
      bad(Quality.BAD_OUT_OF_RANGE, out);
    }
  }

  private void putText(byte[] answer, int from, SampleWriter out) {
    byte[] text = new byte[length];
    int end = 0;
    while (end < length) {
      byte next = answer[from + (swapBytes ? end ^ 1 : end)];
      if (next == 0) {
        break;
      }
      text[end++] = next;
    }
    try {
      String value =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, 0, end)).toString();
      out.putText(number, value, Quality.GOOD, SampleWriter.NO_TIME);
    } catch (CharacterCodingException _) {
      bad(Quality.BAD_TYPE_MISMATCH, out);
    }
  }

  private int word(byte[] answer, int from) {
    int first = answer[from] & 0xFF;
    int second = answer[from + 1] & 0xFF;
    return swapBytes ? second << 8 | first : first << 8 | second;
  }

  private long words(byte[] answer, int from, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 16 | word(answer, from + 2 * (swapWords ? count - 1 - i : i));
    }
    return value;
  }
}
