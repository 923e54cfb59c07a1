package kr.madang.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.control.Running;
import kr.madang.engine.Ledger;
import kr.madang.engine.Pipeline;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.Reject;
import kr.madang.gateway.LedgerJson;

/** Runs one pipeline in the foreground. */
final class Run {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "run",
          "PIPELINE.yaml",
          "Runs one pipeline in the foreground, to its end if its source has one. The last line that\n"
              + "it prints is the ledger as JSON. Ends with 0 when everything was delivered, 3 when\n"
              + "rejected rows were kept, 2 for a bad config, 1 for anything else.",
          List.of(
              new Arguments.Option("home", "DIR", "Where state is kept; thrown away if left out."),
              new Arguments.Option("drain", "30s", "How long it may take to stop at Ctrl-C."),
              Logging.LEVEL,
              Logging.LINES));

  private static final int REJECTS_SHOWN = 5;

  private final Map<String, String> shown = new HashMap<>();

  private Run() {}

  static int run(Arguments arguments, Map<String, String> environment) throws Exception {
    PipelineFile pipeline = PipelineFile.read(arguments.file());
    Signals signals = Signals.take();
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
        return new Run().run(platform, pipeline, signals, configuration.drain());
      }
    }
  }

  private int run(Platform platform, PipelineFile document, Signals signals, Duration drain)
      throws InterruptedException, ExecutionException {
    try (Running running =
        platform.control().run(document.text(), document.format(), document.base())) {
      Pipeline pipeline = running.pipeline();
      signals.then(() -> Thread.ofPlatform().name("stop").start(() -> pipeline.stop(drain)));
      PipelineStatus last = watch(pipeline);
      tell(last);
      Ledger ledger = pipeline.ledger();
      for (Reject reject :
          ledger.rejected() == 0 ? List.<Reject>of() : pipeline.rejects(REJECTS_SHOWN)) {
        System.err.printf(
            "rejected by %s: %d rows: %s%n", reject.stage(), reject.rows(), reject.why());
      }
      System.out.println(LedgerJson.of(ledger));
      return status(last, ledger);
    }
  }

  /** Waits for the end, and tells on standard error when a stage is in trouble or out of it. */
  private PipelineStatus watch(Pipeline pipeline) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        return pipeline.ended().get(500, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        tell(pipeline.status());
      }
    }
  }

  private void tell(PipelineStatus status) {
    for (PipelineStatus.StageStatus stage : status.stages()) {
      String line = stage.reason().isEmpty() ? "" : stage.reason();
      String before = shown.put(stage.name(), line);
      if (!line.isEmpty() && !line.equals(before)) {
        System.err.printf(
            "%s is %s: %s%n", stage.name(), stage.state().name().toLowerCase(Locale.ROOT), line);
      } else if (line.isEmpty() && before != null && !before.isEmpty() && lives(status)) {
        System.err.printf("%s is well again%n", stage.name());
      }
    }
    String before = shown.put("", status.reason());
    if (!status.reason().isEmpty() && !status.reason().equals(before)) {
      System.err.printf(
          "pipeline %s: %s%n", status.phase().name().toLowerCase(Locale.ROOT), status.reason());
    }
  }

  /** A stage that ends has no trouble any more, and is not well for that. */
  private static boolean lives(PipelineStatus status) {
    return switch (status.phase()) {
      case STARTING, RUNNING, DEGRADED -> true;
      case DRAINING, STOPPED, FINISHED, FAILED -> false;
    };
  }

  /** The exit status of a pipeline that has ended. */
  static int status(PipelineStatus last, Ledger ledger) {
    if (last.phase() == PipelineStatus.Phase.FAILED) {
      boolean config =
          last.stages().stream()
              .filter(stage -> stage.state() == PipelineStatus.State.FAILED)
              .anyMatch(stage ->
                  switch (stage.code()) {
                    case "CONFIG_INVALID", "SCHEMA_MISFIT", "NOT_FOUND" -> true;
                    default -> false;
                  });
      return config ? Main.BAD_CONFIG : Main.FAILED;
    }
    if (ledger.dropped() > 0 || !ledger.balanced()) {
      return Main.FAILED;
    }
    return ledger.rejected() > 0 ? Main.REJECTED : Main.OK;
  }
}
