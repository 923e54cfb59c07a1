package kr.madang.plugins.simulator;

import java.util.random.RandomGenerator;

/** A quantity that wanders around zero (Ornstein-Uhlenbeck), with a deviation and a memory. */
final class Drift {
  private final double keep;
  private final double kick;
  private double value;

  /**
   * A drift that starts somewhere in its range.
   *
   * @param deviation of the quantity over a long time
   * @param memory seconds after which 1/e of a deviation is left
   */
  Drift(double deviation, double memory, RandomGenerator random) {
    keep = Math.exp(-Plant.STEP / memory);
    kick = deviation * Math.sqrt(1 - keep * keep);
    value = deviation * random.nextGaussian();
  }

  /** The value after one more step of the plant. */
  double next(RandomGenerator random) {
    value = value * keep + kick * random.nextGaussian();
    return value;
  }
}
