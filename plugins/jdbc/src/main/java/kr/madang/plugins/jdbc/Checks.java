package kr.madang.plugins.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Checks of configs; a failed one becomes an error that names the field. */
final class Checks {
  private Checks() {}

  static void that(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }

  /** A name of a table or column: it is quoted wherever it is used, and must not be cut short. */
  static void identifier(String field, String name, Kind kind) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    that(
        bytes > 0 && bytes <= kind.longestName() && plain(name) && !name.isBlank(),
        field,
        "1 to %d bytes without control characters".formatted(kind.longestName()),
        bytes == 0 ? "nothing" : "'" + name + "'");
  }

  static void identifier(String field, Optional<String> name, Kind kind) {
    name.ifPresent(given -> identifier(field, given, kind));
  }

  /** Whether a text has no control characters, and no half of a surrogate pair. */
  static boolean plain(String text) {
    return text.codePoints()
        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
  }
}
