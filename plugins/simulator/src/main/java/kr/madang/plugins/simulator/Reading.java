package kr.madang.plugins.simulator;

/**
 * What the instruments of the plant show at one instant.
 *
 * @param millis plant time
 * @param current of the motor, A
 * @param pressure at the discharge, bar over ambient
 * @param flow m3/h
 * @param temperature of the bearing housing, Cel
 * @param vibrationA RMS velocity at the drive end, mm/s
 * @param vibrationB RMS velocity at the pump casing, mm/s
 */
record Reading(
    long millis,
    double current,
    double pressure,
    double flow,
    double temperature,
    double vibrationA,
    double vibrationB) {

  /** The number of signals. */
  static final int SIGNALS = 6;

  /** One signal by its number, in the order of the components and of the registers. */
  double value(int signal) {
    return switch (signal) {
      case 0 -> current;
      case 1 -> pressure;
      case 2 -> flow;
      case 3 -> temperature;
      case 4 -> vibrationA;
      case 5 -> vibrationB;
      default -> throw new IndexOutOfBoundsException(signal);
    };
  }
}
