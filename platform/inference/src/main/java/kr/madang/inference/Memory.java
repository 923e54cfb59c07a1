package kr.madang.inference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads and writes native memory by address, without the checks of an Arrow buffer. Callers have
 * checked their bounds once for a whole batch.
 */
final class Memory {
  private static final MemorySegment ALL = everything();

  private Memory() {}

  @SuppressWarnings("restricted")
  private static MemorySegment everything() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  /** A view in the byte order of the machine, for ONNX Runtime to take the address from. */
  @SuppressWarnings("restricted")
  static ByteBuffer view(long address, long bytes) {
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** Memory that the collector frees. */
  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(Math.max(1, bytes))
        .order(ByteOrder.nativeOrder())
        .limit(bytes);
  }

  static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  static short getShort(long address) {
    return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
  }

  static int getInt(long address) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  static long getLong(long address) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  static float getFloat(long address) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static double getDouble(long address) {
    return ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
  }

  static void putByte(long address, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, value);
  }

  static void putShort(long address, short value) {
    ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, value);
  }

  static void putInt(long address, int value) {
    ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  static void putLong(long address, long value) {
    ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  static void putFloat(long address, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static void putDouble(long address, double value) {
    ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void fill(long address, long bytes, byte value) {
    ALL.asSlice(address, bytes).fill(value);
  }

  /** Copies one element of 1, 2, 4 or 8 bytes. */
  static void copyElement(long from, long to, int size) {
    switch (size) {
      case 1 -> putByte(to, getByte(from));
      case 2 -> putShort(to, getShort(from));
      case 4 -> putInt(to, getInt(from));
      default -> putLong(to, getLong(from));
    }
  }

  static boolean bit(long address, long index) {
    return (getByte(address + (index >>> 3)) >>> (index & 7) & 1) != 0;
  }

  /** Whether the first bits of a bitmap are all set. */
  static boolean allSet(long address, long bits) {
    long words = bits >>> 6;
    long all = -1;
    for (long word = 0; word < words; word++) {
      all &= getLong(address + (word << 3));
    }
    if (all != -1) {
      return false;
    }
    for (long index = words << 6; index < bits; index++) {
      if (!bit(address, index)) {
        return false;
      }
    }
    return true;
  }

  /** Whether some bits of a bitmap are all set. */
  static boolean allSet(long address, long from, long bits) {
    for (long index = from; index < from + bits; index++) {
      if (!bit(address, index)) {
        return false;
      }
    }
    return true;
  }

  /** All bits that are set in any of these ints. */
  static int anyOf(long address, int count) {
    long any = 0;
    int index = 0;
    for (; index + 1 < count; index += 2) {
      any |= getLong(address + ((long) index << 2));
    }
    int bits = (int) (any | any >>> 32);
    return index < count ? bits | getInt(address + ((long) index << 2)) : bits;
  }
}
