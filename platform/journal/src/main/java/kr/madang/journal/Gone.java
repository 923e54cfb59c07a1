package kr.madang.journal;

/**
 * Rows of a stream that are not there any more, by what was written down about them.
 *
 * @param from the first of them
 * @param to the number after the last
 */
record Gone(long from, long to, String cause) {
  static final String DAMAGED = "damaged";
  static final String DROP_OLDEST = "dropOldest";
  static final String DROP_NEWEST = "dropNewest";
  static final String MISSING = "missing";

  /** Nobody needed them, and their room was. */
  static final String RELEASED = "released";

  private static final String[] CAUSES = {MISSING, DAMAGED, DROP_OLDEST, DROP_NEWEST};

  static int code(String cause) {
    for (int code = 1; code < CAUSES.length; code++) {
      if (CAUSES[code].equals(cause)) {
        return code;
      }
    }
    return 0;
  }

  static String cause(int code) {
    return code < 0 || code >= CAUSES.length ? MISSING : CAUSES[code];
  }
}
