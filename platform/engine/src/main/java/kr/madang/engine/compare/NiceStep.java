package kr.madang.engine.compare;

/** Round steps for axes: 1, 2, 2.5 or 5 times a power of ten. */
final class NiceStep {
  private NiceStep() {}

  /** The least round step of at least this size; 1 where the size is no positive number. */
  static double atLeast(double size) {
    if (!(size > 0) || Double.isInfinite(size)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(size)));
    if (power == 0) {
      return size;
    }
    for (double factor : new double[] {1, 2, 2.5, 5}) {
      if (factor * power >= size * (1 - 1e-12)) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
