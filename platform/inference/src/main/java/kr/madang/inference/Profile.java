package kr.madang.inference;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the times of nodes that ONNX Runtime has noted: one event a line. */
final class Profile {
  private static final int MOST_LINES = 1_000_000;
  private static final int LONGEST_LINE = 1 << 16;

  /** A stop waits for the node that runs; so much may pass. */
  private static final double SOON_MICROS = 50_000;

  private static final Set<String> HOLDERS = Set.of("Loop", "If", "Scan", "SequenceMap");
  private static final Pattern MICROS = Pattern.compile("\"dur\"\\s*:\\s*(\\d+)");
  private static final Pattern NAME =
      Pattern.compile("\"name\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)_kernel_time\"");
  private static final Pattern OPERATOR = Pattern.compile("\"op_name\"\\s*:\\s*\"(\\w+)\"");

  private record Seen(String operator, double micros, double longest) {}

  private Profile() {}

  /** The node that took longest at once, of those that hold no others. */
  static Optional<ImportReport.LongestNode> longest(Path file) throws IOException {
    Map<String, Seen> nodes = new HashMap<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int lines = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (++lines > MOST_LINES) {
          break;
        }
        if (line.length() < LONGEST_LINE && line.contains("_kernel_time")) {
          take(line, nodes);
        }
      }
    }
    double sum = nodes.values().stream().mapToDouble(Seen::micros).sum();
    return nodes.entrySet().stream()
        .max((a, b) -> Double.compare(a.getValue().longest(), b.getValue().longest()))
        .map(entry -> {
          Seen seen = entry.getValue();
          double share = sum == 0 ? 0 : seen.micros() / sum;
          return new ImportReport.LongestNode(
              entry.getKey(), seen.operator(), seen.longest(), share, seen.longest() < SOON_MICROS);
        });
  }

  private static void take(String line, Map<String, Seen> nodes) {
    Matcher micros = MICROS.matcher(line);
    Matcher name = NAME.matcher(line);
    Matcher operator = OPERATOR.matcher(line);
    if (!micros.find() || !name.find() || !operator.find() || HOLDERS.contains(operator.group(1))) {
      return;
    }
    double took = Double.parseDouble(micros.group(1));
    nodes.merge(
        name.group(1).replace("\\\\", "\\").replace("\\\"", "\""),
        new Seen(operator.group(1), took, took),
        (a, b) ->
            new Seen(a.operator(), a.micros() + b.micros(), Math.max(a.longest(), b.longest())));
  }
}
