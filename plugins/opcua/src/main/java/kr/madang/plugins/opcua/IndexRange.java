package kr.madang.plugins.opcua;

/**
 * A part of an array: one element of any number of dimensions, or a window of the only one.
 *
 * @param text as it is sent to the server
 * @param first index of the window, or of the element
 * @param last index of the window, which belongs to it
 */
record IndexRange(String text, int first, int last) {
  /** How many elements a window may have. */
  static final int WIDEST = 4_096;

  private static final int HIGHEST = 100_000_000;

  boolean window() {
    return last > first;
  }

  int size() {
    return last - first + 1;
  }

  static IndexRange parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      int first = 0;
      for (String index : text.split(",", -1)) {
        first = number(index, text);
      }
      return new IndexRange(text, first, first);
    }
    int first = number(text.substring(0, colon), text);
    int last = number(text.substring(colon + 1), text);
    if (last <= first || last - first >= WIDEST) {
      throw wrong(text);
    }
    return new IndexRange(text, first, last);
  }

  private static int number(String digits, String text) {
    try {
      int number = Integer.parseInt(digits);
      if (number >= 0 && number <= HIGHEST && Character.isDigit(digits.charAt(0))) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Named below.
    }
    throw wrong(text);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "range: expected an element such as \"3\" or \"1,2\", or a window of at most "
            + WIDEST
            + " such as \"0:99\", got '"
            + text
            + "'");
  }
}
