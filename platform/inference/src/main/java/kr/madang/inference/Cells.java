package kr.madang.inference;

/**
 * Reads and writes single elements, converting between types: integers to integers exactly as far
 * as they fit, else clamped to the nearest end of the range; numbers to integers rounded; anything
 * to {@code bool} as not zero.
 */
final class Cells {
  private Cells() {}

  /** An element of a tensor, or of a column unless that is {@code bool}, as a number. */
  static double number(ElementType type, long base, long index) {
    return switch (type) {
      case FLOAT64 -> Memory.getDouble(base + (index << 3));
      case FLOAT32 -> Memory.getFloat(base + (index << 2));
      case FLOAT16 -> Float.float16ToFloat(Memory.getShort(base + (index << 1)));
      case BFLOAT16 -> Float.intBitsToFloat(Memory.getShort(base + (index << 1)) << 16);
      case UINT64 -> unsigned(Memory.getLong(base + (index << 3)));
      case STRING -> Double.NaN;
      default -> integer(type, base, index);
    };
  }

  /** An element of an integer type, as a long; {@code uint64} as its bits. */
  static long integer(ElementType type, long base, long index) {
    return switch (type) {
      case INT8 -> Memory.getByte(base + index);
      case UINT8 -> Memory.getByte(base + index) & 0xffL;
      case BOOL -> Memory.getByte(base + index) == 0 ? 0 : 1;
      case INT16 -> Memory.getShort(base + (index << 1));
      case UINT16 -> Memory.getShort(base + (index << 1)) & 0xffffL;
      case INT32 -> Memory.getInt(base + (index << 2));
      case UINT32 -> Memory.getInt(base + (index << 2)) & 0xffff_ffffL;
      case INT64, UINT64 -> Memory.getLong(base + (index << 3));
      default -> Math.round(number(type, base, index));
    };
  }

  static void put(ElementType type, long base, long index, double value) {
    switch (type) {
      case FLOAT64 -> Memory.putDouble(base + (index << 3), value);
      case FLOAT32 -> Memory.putFloat(base + (index << 2), (float) value);
      case FLOAT16 -> Memory.putShort(base + (index << 1), Float.floatToFloat16((float) value));
      case BFLOAT16 -> Memory.putShort(base + (index << 1), bfloat16((float) value));
      case BOOL -> Memory.putByte(base + index, (byte) (value == 0 ? 0 : 1));
      case UINT64 -> Memory.putLong(base + (index << 3), unsigned(value));
      default -> put(type, base, index, Math.round(Math.rint(value)));
    }
  }

  static void put(ElementType type, long base, long index, long value) {
    switch (type) {
      case INT8 -> Memory.putByte(base + index, (byte) Math.clamp(value, -0x80, 0x7f));
      case UINT8 -> Memory.putByte(base + index, (byte) Math.clamp(value, 0, 0xff));
      case INT16 ->
          Memory.putShort(base + (index << 1), (short) Math.clamp(value, -0x8000, 0x7fff));
      case UINT16 -> Memory.putShort(base + (index << 1), (short) Math.clamp(value, 0, 0xffff));
      case UINT32 -> Memory.putInt(base + (index << 2), (int) Math.clamp(value, 0, 0xffff_ffffL));
      case UINT64 -> Memory.putLong(base + (index << 3), Math.max(0, value));
      case INT32 ->
          Memory.putInt(
              base + (index << 2), Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT64 -> Memory.putLong(base + (index << 3), value);
      case BOOL -> Memory.putByte(base + index, (byte) (value == 0 ? 0 : 1));
      default -> put(type, base, index, (double) value);
    }
  }

  /** Rounded to nearest, ties to even. */
  static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The bits of the nearest number from 0 to 2^64 - 1. */
  private static long unsigned(double value) {
    double whole = Math.rint(value);
    if (whole < 0x1p63) {
      return Math.max(0, (long) whole);
    }
    return whole >= 0x1p64 ? -1 : (long) (whole - 0x1p63) | Long.MIN_VALUE;
  }

  private static double unsigned(long bits) {
    return bits >= 0 ? bits : ((bits >>> 1 | bits & 1) * 2.0);
  }
}
