package kr.madang.plugins.jdbc;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * How far may be read: up to the greatest watermark that was there a lag ago. No clock is compared,
 * neither the database's nor those of the writers.
 */
final class Horizon {
  private static final int MOST = 64;

  private record Look(long at, String greatest) {}

  private final long lag;
  private final ArrayDeque<Look> looks = new ArrayDeque<>();
  private @Nullable String reached;
  private long first;
  private boolean looked;

  /** A horizon that stays {@code lag} ns behind. */
  Horizon(long lag) {
    this.lag = lag;
  }

  /** Takes note of the greatest watermark at a time; null is an empty table. */
  void look(long now, @Nullable String greatest) {
    if (!looked) {
      looked = true;
      first = now;
    }
    Look last = looks.peekLast();
    if (greatest != null
        && (last == null || now - last.at >= lag / MOST && !greatest.equals(last.greatest))) {
      looks.add(new Look(now, greatest));
    }
    while (!looks.isEmpty() && now - looks.element().at >= lag) {
      reached = looks.remove().greatest;
    }
  }

  /** Rows up to this watermark may be read; null is none. */
  @Nullable String reached() {
    return reached;
  }

  /** Whether what was there at the first look may be read by now. */
  boolean rested(long now) {
    return looked && now - first >= lag;
  }
}
