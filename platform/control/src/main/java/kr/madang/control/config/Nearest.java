package kr.madang.control.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant. */
public final class Nearest {
  private Nearest() {}

  /** The known name that a misspelt one is most like, if any is like it. */
  public static Optional<String> to(String name, Collection<String> known) {
    String wanted = shorten(name);
    int limit = Math.max(1, Math.min(wanted.length(), 12) / 3 + 1);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : known) {
      String other = shorten(candidate);
      int distance = distance(wanted, other);
      if (other.length() > 2 && wanted.length() > 2) {
        if (other.startsWith(wanted) || wanted.startsWith(other)) {
          distance = Math.min(distance, limit);
        }
      }
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return bestDistance <= limit ? Optional.ofNullable(best) : Optional.empty();
  }

  /** {@code did you mean 'port'?}, or what is known. */
  public static String hint(String name, Collection<String> known) {
    Optional<String> nearest = to(name, known);
    if (nearest.isPresent()) {
      return "did you mean '" + nearest.get() + "'?";
    }
    return known.isEmpty() ? "none is known here" : "known are " + String.join(", ", known);
  }

  private static String shorten(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.length() > 64 ? lower.substring(0, 64) : lower;
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
