package kr.madang.bench;

import java.util.Locale;

/**
 * One measured figure.
 *
 * @param bar what
 * @param value of ours
 * @param unit of both values
 * @param raw the same by the bare library, NaN where there is none
 * @param goal what is promised, as text
 * @param cpuMicros CPU time of one unit of work in µs, NaN where it says nothing
 * @param met whether the goal was reached in this run
 */
record Figure(
    String bar, double value, String unit, double raw, String goal, double cpuMicros, boolean met) {

  String json() {
    return "{\"bar\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"raw\":%s,\"ratio\":%s,\"goal\":\"%s\",\"met\":%s,\"cpu_us\":%s}"
        .formatted(
            bar,
            number(value),
            unit,
            number(raw),
            number(value / raw),
            goal,
            met,
            number(cpuMicros));
  }

  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "null";
    }
    return Math.abs(value) >= 1000
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
