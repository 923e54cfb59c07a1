package kr.madang.engine.compare;

import java.util.Arrays;

/** Keeps every n-th of many numbers, with n doubled whenever there are too many. */
final class Sampler {
  private final double[] kept;
  private int size;
  private long every = 1;
  private long seen;

  /**
   * An empty one.
   *
   * @param most how many numbers are kept, an even number
   */
  Sampler(int most) {
    kept = new double[most];
  }

  void add(double value) {
    if (seen++ % every != 0) {
      return;
    }
    if (size == kept.length) {
      for (int i = 0; i < size / 2; i++) {
        kept[i] = kept[2 * i];
      }
      size /= 2;
      every *= 2;
      if ((seen - 1) % every != 0) {
        return;
      }
    }
    kept[size++] = value;
  }

  double[] kept() {
    return Arrays.copyOf(kept, size);
  }
}
