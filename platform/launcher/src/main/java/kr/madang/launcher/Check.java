package kr.madang.launcher;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import kr.madang.control.CheckReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a pipeline without starting it. */
@Command(
    name = "check",
    description = "Checks a pipeline step by step, without starting it.",
    mixinStandardHelpOptions = true)
final class Check implements Callable<Integer> {
  @Mixin private final Common common = new Common();

  @Parameters(paramLabel = "PIPELINE.yaml", description = "The pipeline.")
  private @Nullable Path file;

  @Option(
      names = "--offline",
      description = "Does not let the stages look at devices, brokers and files.")
  private boolean offline;

  @Override
  public Integer call() {
    if (file == null) {
      throw new IllegalStateException("no file");
    }
    common.quiet();
    PipelineFile pipeline = PipelineFile.read(file);
    Path named = common.namedHome();
    try (Home home = named == null ? Home.throwaway() : Home.open(named)) {
      Distribution distribution = Distribution.here();
      Configuration configuration =
          common.configure(distribution, home.folder(), common.flags());
      try (Platform platform = Platform.open(distribution, configuration, home.folder(), true)) {
        CheckReport report =
            platform
                .control()
                .check(pipeline.text(), pipeline.format(), pipeline.base(), !offline);
        print(report);
        return report.ok() ? Main.OK : Main.BAD_CONFIG;
      }
    }
  }

  private void print(CheckReport report) {
    for (CheckReport.Step step : report.steps()) {
      String where = step.stage().isEmpty() ? "" : step.stage() + ": ";
      String message = step.message().isEmpty() ? "" : " - " + step.message();
      System.out.printf(
          "%-7s %s%s%s%n",
          step.outcome().name().toLowerCase(Locale.ROOT), where, step.what(), message);
    }
    System.out.println(
        report.ok()
            ? file + " can run"
            : file + " cannot run as it stands: see what failed above");
  }
}
