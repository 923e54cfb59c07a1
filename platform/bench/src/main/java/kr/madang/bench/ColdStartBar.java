package kr.madang.bench;

import java.util.Arrays;
import java.util.List;

/** From the start of the command to its line that says ready, with an empty home. */
final class ColdStartBar implements Bar {
  @Override
  public String name() {
    return "coldstart";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    double[] seconds = new double[quick ? 3 : 10];
    for (int i = -1; i < seconds.length; i++) {
      try (Runtimes runtime = Runtimes.serve()) {
        if (i >= 0) {
          seconds[i] = runtime.secondsToReady();
        }
      }
    }
    Arrays.sort(seconds);
    double median = seconds[seconds.length / 2];
    return List.of(
        new Figure(
            "cold start, median of " + seconds.length,
            median,
            "s",
            Double.NaN,
            "<= 0.8",
            Double.NaN,
            median <= 0.8));
  }
}
