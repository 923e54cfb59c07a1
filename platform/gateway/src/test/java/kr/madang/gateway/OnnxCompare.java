package kr.madang.gateway;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import kr.madang.gateway.OnnxCase.Value;

/** Whether values are those expected, by the tolerances of ONNX's own runner of its tests. */
final class OnnxCompare {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  private OnnxCompare() {}

  /** What differs in words; empty if nothing does. */
  static String difference(List<Value> expected, List<Value> got) {
    if (expected.size() != got.size()) {
      return "expected %d outputs, got %d".formatted(expected.size(), got.size());
    }
    for (int i = 0; i < expected.size(); i++) {
      String why = difference(expected.get(i), got.get(i));
      if (!why.isEmpty()) {
        return "output " + i + ": " + why;
      }
    }
    return "";
  }

  static String difference(Value expected, Value got) {
    if (!expected.type().equals(got.type()) || !Arrays.equals(expected.shape(), got.shape())) {
      return "expected %s%s, got %s%s"
          .formatted(
              expected.type(),
              Arrays.toString(expected.shape()),
              got.type(),
              Arrays.toString(got.shape()));
    }
    if (expected.bytes().length != got.bytes().length && !expected.type().equals("string")) {
      return "expected %d bytes, got %d".formatted(expected.bytes().length, got.bytes().length);
    }
    int size =
        switch (expected.type()) {
          case "float32" -> 4;
          case "float64" -> 8;
          case "float16", "bfloat16" -> 2;
          default -> 0;
        };
    if (size == 0) {
      return Arrays.equals(expected.bytes(), got.bytes()) ? "" : "other values";
    }
    for (int at = 0; at < expected.bytes().length; at += size) {
      double desired = number(expected.type(), expected.data(), at);
      double actual = number(got.type(), got.data(), at);
      if (!near(desired, actual)) {
        return "element %d: expected %s, got %s".formatted(at / size, desired, actual);
      }
    }
    return "";
  }

  /** What JSON has no number for stands as NaN there. */
  private static boolean near(double desired, double actual) {
    if (!Double.isFinite(desired)) {
      return Double.isNaN(actual) || actual == desired;
    }
    return Math.abs(actual - desired) <= ABSOLUTE + RELATIVE * Math.abs(desired);
  }

  private static double number(String type, ByteBuffer data, int at) {
    return switch (type) {
      case "float32" -> data.getFloat(at);
      case "float64" -> data.getDouble(at);
      case "float16" -> Float.float16ToFloat(data.getShort(at));
      default -> Float.intBitsToFloat(data.getShort(at) << 16);
    };
  }

  /** Whether JSON has a number for each of them. */
  static boolean inJson(Value value) {
    return switch (value.type()) {
      case "float16", "bfloat16" -> false;
      case "float32", "float64" -> {
        int size = value.type().equals("float32") ? 4 : 8;
        boolean finite = true;
        for (int at = 0; at < value.bytes().length; at += size) {
          finite &= Double.isFinite(number(value.type(), value.data(), at));
        }
        yield finite;
      }
      default -> true;
    };
  }
}
