package kr.madang.plugins.kafka;

/** Checks of configs; a failed one becomes an error that names the field. */
final class Checks {
  private Checks() {}

  static void that(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }

  static void topic(String field, String name) {
    that(
        name.matches("[A-Za-z0-9._-]{1,249}") && !name.equals(".") && !name.equals(".."),
        field,
        "1 to 249 letters, digits, dots, dashes or underscores",
        "'" + name + "'");
  }

  static void pointer(String field, String pointer) {
    that(
        pointer.startsWith("/") && pointer.length() <= 500,
        field,
        "a JSON pointer such as /values/flow",
        "'" + pointer + "'");
  }
}
