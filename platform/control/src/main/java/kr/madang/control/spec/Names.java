package kr.madang.control.spec;

import java.util.regex.Pattern;

/** What objects may be called. */
public final class Names {
  /** For errors. */
  public static final String RULE =
      "a name of at most 63 characters a-z, 0-9, '.', '_' and '-' that begins with a letter or digit";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private Names() {}

  /** Whether a text is a name. */
  public static boolean fits(String text) {
    return NAME.matcher(text).matches();
  }
}
