package kr.madang.plugins.simulator;

import java.util.function.LongSupplier;

/** A plant that follows a clock, for any number of threads. */
final class RunningPlant {
  private final Plant plant;
  private final double speed;
  private final LongSupplier nanos;
  private final long start;

  /**
   * Starts the plant.
   *
   * @param speed seconds of plant time in a second of the clock
   * @param nanos the clock
   */
  RunningPlant(Plant plant, double speed, LongSupplier nanos) {
    this.plant = plant;
    this.speed = speed;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
  }

  /** What the instruments show now. */
  synchronized Reading reading() {
    return plant.advanceTo((long) ((nanos.getAsLong() - start) / 1e6 * speed));
  }

  synchronized void set(Fault fault, boolean on) {
    reading();
    plant.set(fault, on);
  }

  synchronized boolean isOn(Fault fault) {
    reading();
    return plant.isOn(fault);
  }
}
