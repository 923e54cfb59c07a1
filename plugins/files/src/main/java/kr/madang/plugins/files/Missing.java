package kr.madang.plugins.files;

import java.util.List;

/** The texts that stand for a missing value. */
final class Missing {
  private final char[][] texts;

  Missing(List<String> texts) {
    this.texts = texts.stream().map(String::toCharArray).toArray(char[][]::new);
  }

  boolean matches(char[] text, int from, int length) {
    for (char[] candidate : texts) {
      if (candidate.length == length && same(candidate, text, from)) {
        return true;
      }
    }
    return false;
  }

  boolean matches(String text) {
    return matches(text.toCharArray(), 0, text.length());
  }

  private static boolean same(char[] candidate, char[] text, int from) {
    for (int i = 0; i < candidate.length; i++) {
      if (candidate[i] != text[from + i]) {
        return false;
      }
    }
    return true;
  }
}
