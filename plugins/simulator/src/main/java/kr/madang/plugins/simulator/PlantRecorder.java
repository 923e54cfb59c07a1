package kr.madang.plugins.simulator;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Writes the history of a plant as CSV, as fast as it can be computed: training data. */
public final class PlantRecorder {
  private PlantRecorder() {}

  /**
   * {@code --seed 1 --minutes 10 --rate 10 --fault NAME@SECONDS[:UNTIL]}…; writes to standard
   * output. The column {@code fault} holds the label of the fault that is switched on.
   */
  public static void main(String[] arguments) throws IOException {
    Arguments options;
    double minutes;
    double rate;
    List<FaultPlan> faults;
    long seed;
    try {
      options = new Arguments(arguments, Set.of("seed", "minutes", "rate", "fault"));
      minutes = options.number("minutes", 10, 0, 1_000_000);
      rate = options.number("rate", 10, 0.001, 50);
      faults = options.texts("fault").stream().map(FaultPlan::parse).toList();
      seed = options.seed();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    try (PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
            false,
            StandardCharsets.UTF_8)) {
      record(seed, minutes * 60, rate, faults, out);
      if (out.checkError()) {
        throw new IOException("standard output was closed before the recording ended");
      }
    }
  }

  static void record(long seed, double seconds, double rate, List<FaultPlan> faults, Appendable out)
      throws IOException {
    Plant plant = new Plant(seed, faults);
    out.append("time,current,pressure,flow,temperature,vibrationA,vibrationB,fault\n");
    long rows = Math.round(seconds * rate);
    for (long row = 0; row < rows; row++) {
      Reading reading = plant.advanceTo(Math.round(row * 1000 / rate));
      out.append(String.format(Locale.ROOT, "%.2f", reading.millis() / 1000.0));
      for (int signal = 0; signal < Reading.SIGNALS; signal++) {
        out.append(',').append(Float.toString((float) reading.value(signal)));
      }
      out.append(',').append(present(plant)).append('\n');
    }
  }

  private static String present(Plant plant) {
    for (Fault fault : Fault.values()) {
      if (plant.isOn(fault)) {
        return fault.label();
      }
    }
    return "";
  }
}
