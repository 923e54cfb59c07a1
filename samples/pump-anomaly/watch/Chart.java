import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws the score over time, and where each signal stands in its normal range. */
final class Chart {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 12;
  private static final double TOP = 3;

  private final Map<String, double[]> ranges = new LinkedHashMap<>();
  private final Map<String, Double> signals = new LinkedHashMap<>();
  private final Deque<Double> scores = new ArrayDeque<>();
  private double highest;

  Chart(Path model) throws java.io.IOException {
    Matcher matcher =
        Pattern.compile("(\\w+): \\{ mean: ([-0-9.]+), deviation: ([-0-9.]+) }")
            .matcher(Files.readString(model.resolve("model.yaml")));
    while (matcher.find()) {
      ranges.put(
          matcher.group(1),
          new double[] {Double.parseDouble(matcher.group(2)), Double.parseDouble(matcher.group(3))});
    }
  }

  synchronized void signals(String row) {
    for (String field : ranges.keySet()) {
      double value = Madang.number(row, field);
      if (!Double.isNaN(value)) {
        signals.put(field, value);
      }
    }
  }

  synchronized void score(String row) {
    double score = Madang.number(row, "score");
    if (!Double.isNaN(score)) {
      highest = Math.max(highest, score);
      scores.addLast(score);
      if (scores.size() > WIDTH) {
        scores.removeFirst();
      }
    }
  }

  /** The latest score; NaN before the first. */
  synchronized double score() {
    return scores.isEmpty() ? Double.NaN : scores.getLast();
  }

  /** The highest score since the last call. */
  synchronized double takeHighest() {
    double taken = highest;
    highest = 0;
    return taken;
  }

  /** One screen. */
  synchronized String draw(double plantSeconds, String fault, boolean alarm, String story) {
    StringBuilder out = new StringBuilder("\033[H");
    line(out, "pump 1 · plant time %6.1f s".formatted(plantSeconds));
    line(
        out,
        "fault: %-14s alarm: %s"
            .formatted(fault, alarm ? "\033[1;41m  NOT ITSELF  \033[0m" : "\033[32mnone\033[0m"));
    line(out, "");
    for (int row = HEIGHT - 1; row >= 0; row--) {
      double low = TOP * row / HEIGHT;
      boolean limit = low <= 1 && low + TOP / HEIGHT > 1;
      StringBuilder text = new StringBuilder("%5.2f ".formatted(low));
      int column = 0;
      for (double score : scores) {
        double part = (Math.min(score, TOP - 1e-9) - low) / (TOP / HEIGHT);
        String mark = part >= 0 && part < 1 ? "\033[" + (score > 1 ? 31 : 36) + "m●\033[0m" : null;
        text.append(mark != null ? mark : limit ? "·" : " ");
        column++;
      }
      line(out, text + (limit ? "·" : " ").repeat(WIDTH - column));
    }
    line(out, "      score of the last 6 s, every 0.5 s of plant time; the dotted line is the limit");
    line(out, "");
    ranges.forEach((field, range) -> gauge(out, field, range));
    line(out, "                                     -4σ          normal running          +4σ");
    line(out, "");
    for (String told : story.split("\n")) {
      line(out, told);
    }
    return out.append("\033[J").toString();
  }

  private void gauge(StringBuilder out, String field, double[] range) {
    double value = signals.getOrDefault(field, Double.NaN);
    StringBuilder bar = new StringBuilder("─".repeat(41));
    bar.setCharAt(20, '┼');
    if (!Double.isNaN(value)) {
      double sigma = Math.clamp((value - range[0]) / range[1], -4, 4);
      bar.setCharAt((int) Math.round(20 + 5 * sigma), '█');
    }
    line(out, String.format(Locale.ROOT, "%14s %10.3f        ├%s┤", field, value, bar));
  }

  private static void line(StringBuilder out, String text) {
    out.append(text).append("\033[K\n");
  }
}
