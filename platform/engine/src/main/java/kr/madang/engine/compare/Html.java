package kr.madang.engine.compare;

import java.util.Locale;

/**
 * Builds a page. {@link #raw} is for text that stands in our code and for numbers made by it,
 * {@link #text} for all else: whatever comes from data can neither open a tag nor turn the reading
 * direction.
 */
final class Html {
  private static final char REPLACEMENT = '\uFFFD';

  private final StringBuilder page = new StringBuilder(1 << 16);

  /** Adds text as it is; never anything that comes from data. */
  Html raw(String ours) {
    page.append(ours);
    return this;
  }

  /** Adds a coordinate. */
  Html raw(double coordinate) {
    long tenths = Math.round(coordinate * 10);
    page.append(tenths / 10 == 0 && tenths < 0 ? "-" : "").append(tenths / 10);
    if (tenths % 10 != 0) {
      page.append('.').append(Math.abs(tenths % 10));
    }
    return this;
  }

  /** Adds any text, escaped. */
  Html text(String any) {
    for (int i = 0; i < any.length(); i++) {
      char c = any.charAt(i);
      switch (c) {
        case '&' -> page.append("&amp;");
        case '<' -> page.append("&lt;");
        case '>' -> page.append("&gt;");
        case '"' -> page.append("&quot;");
        case '\'' -> page.append("&#39;");
        case '\n', '\t', '\r' -> page.append(' ');
        default -> {
          if (Character.isHighSurrogate(c)
              && i + 1 < any.length()
              && Character.isLowSurrogate(any.charAt(i + 1))) {
            page.append(c).append(any.charAt(++i));
          } else {
            page.append(isHarmful(c) ? REPLACEMENT : c);
          }
        }
      }
    }
    return this;
  }

  /** Controls, marks that turn the direction or take no room, halves of pairs. */
  private static boolean isHarmful(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  /** A share as a percentage for a coordinate. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * Math.clamp(share, 0, 1));
  }

  /** The page. */
  String page() {
    return page.toString();
  }
}
