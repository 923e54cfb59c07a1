package kr.madang.launcher;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.control.Replaying;
import kr.madang.control.ResultJson;
import kr.madang.engine.Recording;
import kr.madang.engine.compare.ResultSummary;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Runs recorded input through a document. */
final class Replay {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "replay",
          "PIPELINE.yaml",
          "Runs recorded input of a pipeline through a document, as fast as it goes. Sources and sinks\n"
              + "are left alone: what would have gone to a sink goes to SINK.arrow in a folder, beside\n"
              + "result.json. 'compare' says where two such folders differ. The journal stays as it is.",
          List.of(
              Looking.HOME,
              new Arguments.Option("to-folder", "DIR", "Where the results go; empty or missing."),
              new Arguments.Option("label", "TEXT", "Names the result in a comparison."),
              new Arguments.Option(
                  "recorded",
                  "NAME",
                  "The pipeline that was recorded; the document's if left out."),
              Looking.WORKSPACE,
              new Arguments.Option("from", "TIME", "The first instant, by time of arrival."),
              new Arguments.Option("to", "TIME", "The instant after the last one."),
              Logging.LEVEL,
              Logging.LINES));

  private Replay() {}

  static int run(Arguments arguments, Map<String, String> environment) throws InterruptedException {
    PipelineFile pipeline = PipelineFile.read(arguments.file());
    Path folder = Path.of(arguments.required(VERB, "to-folder"));
    Recording.Range range = new Recording.Range(time(arguments, "from"), time(arguments, "to"));
    Signals signals = Signals.take();
    Distribution distribution = Distribution.here();
    Path named =
        arguments
            .home(environment)
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.CONFIG_INVALID, "whose recording is meant? Say --home DIR"));
    try (Home home = Home.look(named)) {
      Configuration configuration =
          Layers.apply(
              distribution,
              home.folder(),
              environment,
              Logging.quiet(arguments.settings(), environment));
      home.scratch();
      try (Platform platform =
              Platform.open(distribution, configuration, home.folder(), Platform.Mode.LOOK);
          Replaying replaying =
              platform
                  .control()
                  .replay(
                      arguments.option("workspace").orElse("default"),
                      pipeline.text(),
                      pipeline.format(),
                      pipeline.base(),
                      arguments.option("recorded"),
                      range,
                      folder,
                      arguments.option("label").orElse(arguments.file().toString()))) {
        signals.then(replaying.replay()::cancel);
        ResultSummary summary = follow(replaying.replay());
        ResultJson.write(folder, summary);
        tell(summary, folder);
      }
    }
    return Main.OK;
  }

  private static ResultSummary follow(kr.madang.engine.Replay replay) throws InterruptedException {
    var ended = replay.ended();
    while (true) {
      try {
        return ended.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        var progress = replay.progress();
        System.err.printf(Locale.ROOT, "%,d of %,d rows%n", progress.rows(), progress.of());
      } catch (ExecutionException e) {
        throw e.getCause() instanceof PluginException known
            ? known
            : new IllegalStateException(e.getCause());
      }
    }
  }

  private static void tell(ResultSummary summary, Path folder) {
    System.err.printf(
        Locale.ROOT,
        "%,d rows in %.2f s%n",
        summary.inputRows(),
        Math.max(0, summary.wallNanos()) / 1e9);
    summary
        .outputRows()
        .forEach((sink, rows) -> System.err.printf(Locale.ROOT, "%s: %,d rows%n", sink, rows));
    summary
        .rejectedRows()
        .forEach((stage, rows) -> {
          if (rows > 0) {
            System.err.printf(Locale.ROOT, "%s rejected %,d rows%n", stage, rows);
          }
        });
    System.out.println(folder);
  }

  private static Optional<Instant> time(Arguments arguments, String name) {
    return arguments
        .option(name)
        .map(text -> {
          try {
            return Instant.parse(text);
          } catch (DateTimeException e) {
            throw new PluginException(
                ErrorCode.CONFIG_INVALID,
                "--%s: expected a time such as 2026-11-23T08:00:00Z, got '%s'"
                    .formatted(name, text),
                e);
          }
        });
  }
}
