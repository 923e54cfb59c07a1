package kr.madang.plugins.mqtt;

import org.jspecify.annotations.Nullable;

/** Reads numbers that devices write as text. */
final class Numbers {
  private Numbers() {}

  /** The number that a text says, {@code true} and {@code false} too; null if it says none. */
  static @Nullable Double parse(String text) {
    String plain = text.strip();
    if (plain.isEmpty()) {
      return null;
    }
    char last = plain.charAt(plain.length() - 1);
    if ((last >= '0' && last <= '9') || last == '.') {
      if (plain.indexOf('x') >= 0 || plain.indexOf('X') >= 0) {
        return null;
      }
      try {
        return Double.parseDouble(plain);
      } catch (NumberFormatException _) {
        return null;
      }
    }
    return switch (plain) {
      case "true", "TRUE", "True" -> 1.0;
      case "false", "FALSE", "False" -> 0.0;
      case "NaN", "nan", "NAN" -> Double.NaN;
      default -> null;
    };
  }
}
