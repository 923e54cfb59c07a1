package kr.madang.plugins.simulator;

/**
 * A fault that is present for a while.
 *
 * @param fault which
 * @param from plant time of its switch-on in seconds
 * @param until plant time of its end in seconds; infinite where it stays
 */
record FaultPlan(Fault fault, double from, double until) {

  /** Reads {@code worn-bearing@60} or {@code worn-bearing@60:120}. */
  static FaultPlan parse(String text) {
    int at = text.indexOf('@');
    int colon = text.indexOf(':', at + 1);
    if (at > 0) {
      try {
        double from = Double.parseDouble(text.substring(at + 1, colon < 0 ? text.length() : colon));
        double until =
            colon < 0 ? Double.POSITIVE_INFINITY : Double.parseDouble(text.substring(colon + 1));
        if (from >= 0 && until > from) {
          return new FaultPlan(Fault.of(text.substring(0, at)), from, until);
        }
      } catch (NumberFormatException _) {
        // told below, with the whole text
      }
    }
    throw new IllegalArgumentException(
        "fault: expected name@seconds or name@seconds:untilSeconds with 0 <= seconds < untilSeconds"
            + " (for example worn-bearing@60:120), got '"
            + text
            + "'");
  }

  boolean activeAt(double seconds) {
    return seconds >= from && seconds < until;
  }
}
