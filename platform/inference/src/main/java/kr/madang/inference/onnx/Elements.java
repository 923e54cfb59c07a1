package kr.madang.inference.onnx;

import java.util.List;

/** The element types of the format, by number. */
final class Elements {
  static final int FLOAT = 1;
  static final int UINT16 = 4;
  static final int INT16 = 5;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int STRING = 8;
  static final int UINT32 = 12;
  static final int UINT64 = 13;

  private static final List<String> NAMES =
      List.of(
          "undefined",
          "float32",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "float64",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16",
          "float8e4m3fn",
          "float8e4m3fnuz",
          "float8e5m2",
          "float8e5m2fnuz",
          "uint4",
          "int4",
          "float4e2m1",
          "float8e8m0",
          "uint2",
          "int2");

  private Elements() {}

  static boolean isKnown(int type) {
    return type > 0 && type < NAMES.size();
  }

  static String label(int type) {
    return isKnown(type) ? NAMES.get(type) : "type " + type;
  }

  /** Bits of one element; 0 for texts. */
  static int bits(int type) {
    return switch (type) {
      case 2, 3, 9, 17, 18, 19, 20, 24 -> 8;
      case 4, 5, 10, 16 -> 16;
      case 1, 6, 12 -> 32;
      case 7, 11, 13, 14 -> 64;
      case 15 -> 128;
      case 21, 22, 23 -> 4;
      case 25, 26 -> 2;
      default -> 0;
    };
  }

  /** The product of dimensions; -1 where one is negative or the product passes 2^62. */
  static long count(List<Long> shape) {
    long count = 1;
    boolean overflow = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        return -1;
      }
      overflow |= count != 0 && dimension > (1L << 62) / count;
      count = overflow && dimension != 0 ? count : count * dimension;
      if (dimension == 0) {
        return 0;
      }
    }
    return overflow ? -1 : count;
  }
}
