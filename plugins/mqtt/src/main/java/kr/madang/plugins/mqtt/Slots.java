package kr.madang.plugins.mqtt;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What was found at the places of one scope. */
final class Slots {
  /** Nothing there. */
  static final byte NONE = 0;

  /** A null. */
  static final byte NULL = 1;

  /** A number with a fraction. */
  static final byte NUMBER = 2;

  /** An integer of 64 bits, or a truth as 1 or 0. */
  static final byte INTEGER = 3;

  /** A text. */
  static final byte TEXT = 4;

  /** A byte string of CBOR. */
  static final byte BYTES = 5;

  /** An object or an array. */
  static final byte NESTED = 6;

  private final byte[] kinds;
  private final long[] bits;
  private final @Nullable Object[] objects;

  Slots(int size) {
    kinds = new byte[size];
    bits = new long[size];
    objects = new Object[size];
  }

  void clear() {
    Arrays.fill(kinds, NONE);
    Arrays.fill(objects, null);
  }

  byte kind(int slot) {
    return kinds[slot];
  }

  double number(int slot) {
    return kinds[slot] == INTEGER ? bits[slot] : Double.longBitsToDouble(bits[slot]);
  }

  long integer(int slot) {
    return bits[slot];
  }

  String text(int slot) {
    return String.valueOf(objects[slot]);
  }

  byte[] bytes(int slot) {
    return objects[slot] instanceof byte[] known ? known : new byte[0];
  }

  void nested(int slot) {
    kinds[slot] = NESTED;
  }

  /** Takes the scalar at which a parser stands. */
  void take(int slot, JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case VALUE_NUMBER_INT -> {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          set(slot, NUMBER, Double.doubleToRawLongBits(parser.getDoubleValue()), null);
        } else {
          set(slot, INTEGER, parser.getLongValue(), null);
        }
      }
      case VALUE_NUMBER_FLOAT ->
          set(slot, NUMBER, Double.doubleToRawLongBits(parser.getDoubleValue()), null);
      case VALUE_TRUE -> set(slot, INTEGER, 1, null);
      case VALUE_FALSE -> set(slot, INTEGER, 0, null);
      case VALUE_STRING -> set(slot, TEXT, 0, parser.getText());
      case VALUE_EMBEDDED_OBJECT -> set(slot, BYTES, 0, parser.getBinaryValue());
      default -> set(slot, NULL, 0, null);
    }
  }

  private void set(int slot, byte kind, long bit, @Nullable Object object) {
    kinds[slot] = kind;
    bits[slot] = bit;
    objects[slot] = object;
  }

  /** What is there, for a reason. */
  String shown(int slot) {
    return switch (kinds[slot]) {
      case NONE -> "nothing";
      case NULL -> "null";
      case NUMBER -> String.valueOf(number(slot));
      case INTEGER -> String.valueOf(bits[slot]);
      case TEXT -> Shown.text(text(slot));
      case BYTES -> bytes(slot).length + " bytes";
      default -> "an object or array";
    };
  }
}
