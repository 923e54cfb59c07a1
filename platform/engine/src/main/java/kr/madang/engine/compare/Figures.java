package kr.madang.engine.compare;

import org.jspecify.annotations.Nullable;

/** Numbers that can be told. */
final class Figures {
  private Figures() {}

  /** The number, or null if it is NaN or infinite. */
  static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
