package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A scale of numbers with round ticks.
 *
 * @param min its low end
 * @param max its high end, above {@code min}
 * @param step from tick to tick
 */
record Axis(double min, double max, double step) {
  private static final double MARGIN = 0.05;

  /** The ends lie within this, so that their distance can be told. */
  private static final double FARTHEST = 1e307;

  /** An axis that shows all from the least to the greatest with some room, and a few ticks. */
  static Axis around(double least, double greatest, int ticks) {
    double min = Math.max(least, -FARTHEST);
    double max = Math.min(greatest, FARTHEST);
    double room = max > min ? (max - min) * MARGIN : Math.max(Math.abs(max) * MARGIN, 0.5);
    return exactly(min - room, max + room, ticks);
  }

  /** An axis from 0 upwards. */
  static Axis fromZero(double max, int ticks) {
    return exactly(0, max > 0 ? Math.min(max, FARTHEST) * (1 + MARGIN) : 1, ticks);
  }

  /** An axis with these ends. */
  static Axis exactly(double min, double max, int ticks) {
    return new Axis(min, max, NiceStep.atLeast((max - min) / ticks));
  }

  /** Where a number lies, 0 at the low end and 1 at the high end. */
  double at(double value) {
    return Math.clamp((value - min) / (max - min), 0, 1);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    double first = Math.ceil(min / step - 1e-9);
    for (int i = 0; i <= 20 && (first + i) * step <= max + step * 1e-9; i++) {
      ticks.add((first + i) * step);
    }
    return ticks;
  }

  String label(double tick) {
    double most = Math.max(Math.abs(min), Math.abs(max));
    if (most >= 1e7 || step < 1e-6) {
      return Say.number(Math.abs(tick) < step / 2 ? 0 : tick);
    }
    int decimals = 0;
    for (double left = step; decimals < 7 && Math.abs(left - Math.rint(left)) > 1e-6 * left; ) {
      decimals++;
      left *= 10;
    }
    return String.format(Locale.ROOT, "%,." + decimals + "f", tick + 0.0).replace('-', '−');
  }
}
