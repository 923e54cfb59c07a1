package kr.madang.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.ResultJson;
import kr.madang.engine.compare.Agreement;
import kr.madang.engine.compare.CompareOptions;
import kr.madang.engine.compare.Comparer;
import kr.madang.engine.compare.Comparison;
import kr.madang.engine.compare.Tolerance;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.RootAllocator;

/** Says where the results of two replays differ. */
final class Compare {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "compare",
          "A B",
          "Says where the results of two replays differ. A and B are folders that replay wrote. Ends\n"
              + "with 0 when they agree within the tolerance, 3 when they do not.",
          List.of(
              new Arguments.Option(
                  "tolerance", "1e-6", "Share of the greater number that two may be apart."),
              new Arguments.Option(
                  "absolute", "1e-9", "How far two numbers may be apart, in the column's unit."),
              new Arguments.Option("html", "FILE", "Writes a page with charts."),
              new Arguments.Option("json", "FILE", "Writes all that was found."),
              Logging.LEVEL));

  private Compare() {}

  static int run(Arguments arguments, Map<String, String> environment) throws IOException {
    Tolerance usual = CompareOptions.DEFAULT.tolerance();
    CompareOptions options =
        CompareOptions.DEFAULT.withTolerance(
            new Tolerance(
                number(arguments, "absolute", usual.absolute()),
                number(arguments, "tolerance", usual.relative())));
    Comparison comparison;
    try (RootAllocator allocator = new RootAllocator(Platform.machineMemory() / 2)) {
      comparison =
          new Comparer(allocator)
              .compare(
                  ResultJson.read(arguments.file()),
                  ResultJson.read(Path.of(arguments.files().get(1))),
                  options);
    }
    System.out.println(comparison.verdict());
    comparison.findings().forEach(finding -> System.out.println("- " + finding));
    comparison.notes().forEach(note -> System.out.println("note: " + note));
    Optional<String> page = arguments.option("html");
    if (page.isPresent()) {
      write(Path.of(page.get()), ResultJson.page(comparison));
    }
    Optional<String> json = arguments.option("json");
    if (json.isPresent()) {
      write(Path.of(json.get()), ResultJson.of(comparison) + "\n");
    }
    return comparison.agreement() == Agreement.DIFFERENT ? Main.DIFFERENT : Main.OK;
  }

  private static double number(Arguments arguments, String name, double usual) {
    String text = arguments.option(name).orElse(Double.toString(usual));
    try {
      double number = Double.parseDouble(text);
      if (number >= 0 && Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // It shows below.
    }
    throw new PluginException(
        ErrorCode.CONFIG_INVALID,
        "--" + name + ": expected a number of at least 0 such as 1e-6, got '" + text + "'");
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
