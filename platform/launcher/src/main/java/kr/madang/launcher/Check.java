package kr.madang.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.CheckReport;

/** Checks a pipeline without starting it. */
final class Check {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "check",
          "PIPELINE.yaml",
          "Checks a pipeline step by step, without starting it. Ends with 0 when it can run, 2 when\n"
              + "it cannot.",
          List.of(
              new Arguments.Option("home", "DIR", "Whose plugins are used beside our own."),
              new Arguments.Option("offline", "", "Looks at no device, broker or file."),
              Logging.LEVEL,
              Logging.LINES));

  private Check() {}

  static int run(Arguments arguments, Map<String, String> environment) {
    PipelineFile pipeline = PipelineFile.read(arguments.file());
    Optional<Path> named = arguments.home(environment);
    try (Home home = named.isEmpty() ? Home.throwaway() : Home.open(named.get())) {
      Distribution distribution = Distribution.here();
      Configuration configuration =
          Layers.apply(
              distribution,
              home.folder(),
              environment,
              Logging.quiet(arguments.settings(), environment));
      home.scratch();
      try (Platform platform =
          Platform.open(distribution, configuration, home.folder(), Platform.Mode.EPHEMERAL)) {
        CheckReport report =
            platform
                .control()
                .check(
                    pipeline.text(), pipeline.format(), pipeline.base(), !arguments.has("offline"));
        print(arguments.file(), report);
        return report.ok() ? Main.OK : Main.BAD_CONFIG;
      }
    }
  }

  private static void print(Path file, CheckReport report) {
    for (CheckReport.Step step : report.steps()) {
      String where = step.stage().isEmpty() ? "" : step.stage() + ": ";
      String message = step.message().isEmpty() ? "" : " - " + step.message();
      System.out.printf(
          "%-7s %s%s%s%n",
          step.outcome().name().toLowerCase(Locale.ROOT), where, step.what(), message);
    }
    System.out.println(
        report.ok() ? file + " can run" : file + " cannot run as it stands: see what failed above");
  }
}
