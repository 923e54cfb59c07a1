package kr.madang.plugins.files;

/** Reads numbers from a range of characters without making objects of them. */
final class NumberParser {
  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };
  private static final long EXACT = 1L << 53;

  private final char decimal;
  private boolean failed;

  NumberParser(char decimal) {
    this.decimal = decimal;
  }

  /** Whether the last call met something else than a number. */
  boolean failed() {
    return failed;
  }

  /** The nearest double of {@code [+-]digits[.digits][e[+-]digits]}, or of inf and nan. */
  double parseDouble(char[] text, int from, int length) {
    failed = false;
    int at = from;
    int end = from + length;
    boolean negative = false;
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      negative = text[at++] == '-';
    }
    long mantissa = 0;
    int digits = 0;
    int significant = 0;
    int exponent = 0;
    boolean point = false;
    for (; at < end; at++) {
      char c = text[at];
      if (c >= '0' && c <= '9') {
        digits++;
        if (significant < 18) {
          mantissa = mantissa * 10 + (c - '0');
          significant += mantissa == 0 ? 0 : 1;
          exponent -= point ? 1 : 0;
        } else {
          significant++;
        }
      } else if (c == decimal && !point) {
        point = true;
      } else {
        break;
      }
    }
    if (digits == 0) {
      return named(text, at, end, point, negative);
    }
    if (at < end) {
      int power = exponent(text, at, end);
      if (failed) {
        return 0;
      }
      exponent += power;
    }
    if (significant > 18 || mantissa > EXACT || exponent < -22 || exponent > 22) {
      if (mantissa == 0 && significant == 0) {
        return negative ? -0.0 : 0.0;
      }
      return Double.parseDouble(new String(text, from, length).replace(decimal, '.'));
    }
    double value = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
    return negative ? -value : value;
  }

  private int exponent(char[] text, int from, int end) {
    int at = from;
    if (text[at] != 'e' && text[at] != 'E') {
      failed = true;
      return 0;
    }
    at++;
    boolean negative = false;
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      negative = text[at++] == '-';
    }
    if (at == end) {
      failed = true;
      return 0;
    }
    int value = 0;
    for (; at < end; at++) {
      char c = text[at];
      if (c < '0' || c > '9') {
        failed = true;
        return 0;
      }
      value = Math.min(99_999, value * 10 + (c - '0'));
    }
    return negative ? -value : value;
  }

  private double named(char[] text, int at, int end, boolean point, boolean negative) {
    if (!point) {
      String word = new String(text, at, end - at);
      if (word.equalsIgnoreCase("nan")) {
        return Double.NaN;
      }
      if (word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity")) {
        return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      }
    }
    failed = true;
    return 0;
  }

  /** A 64-bit integer; one that does not fit fails. */
  long parseLong(char[] text, int from, int length) {
    failed = false;
    int at = from;
    int end = from + length;
    boolean negative = false;
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      negative = text[at++] == '-';
    }
    if (at == end) {
      failed = true;
      return 0;
    }
    long value = 0; // kept negative, since there is one more of these
    for (; at < end; at++) {
      int digit = text[at] - '0';
      if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10) {
        failed = true;
        return 0;
      }
      value = value * 10 - digit;
      if (value > 0) {
        failed = true;
        return 0;
      }
    }
    if (!negative && value == Long.MIN_VALUE) {
      failed = true;
      return 0;
    }
    return negative ? value : -value;
  }
}
