package kr.madang.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.control.CheckReport.Outcome;
import kr.madang.control.CheckReport.Step;
import kr.madang.control.Resolution.Placed;
import kr.madang.control.config.Binder;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.engine.Engine;
import kr.madang.host.PluginHost;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Checks documents without starting them. Any thread. */
final class Checker {
  private static final Duration VERIFY = Duration.ofSeconds(60);

  private final Resolver resolver;
  private final Engine engine;
  private final PluginHost host;

  Checker(Resolver resolver, Engine engine, PluginHost host) {
    this.resolver = resolver;
    this.engine = engine;
    this.host = host;
  }

  CheckReport check(
      String workspace,
      String document,
      Format format,
      Binder binder,
      PipelineSpec.Usual usual,
      boolean verify) {
    List<Step> steps = new ArrayList<>();
    PipelineSpec spec;
    try {
      spec = PipelineFile.read(document, format, binder, usual);
      steps.add(new Step("", "parse", Outcome.OK, ""));
    } catch (PluginException e) {
      steps.add(new Step("", "parse", Outcome.FAILED, message(e)));
      skip(steps, "wiring", "schema");
      return new CheckReport("", steps);
    }
    try {
      switch (resolver.resolve(workspace, spec, binder, List.of())) {
        case Resolution.Parked(String reason) -> {
          steps.add(new Step("", "wiring", Outcome.FAILED, reason));
          skip(steps, "schema");
        }
        case Resolution.Ready ready -> {
          try (Holds _ = ready.holds()) {
            steps.add(new Step("", "wiring", Outcome.OK, resolved(ready)));
            schemas(steps, ready);
            if (verify) {
              ready.stages().forEach(placed -> verify(steps, placed));
            }
          }
        }
      }
    } catch (PluginException e) {
      steps.add(new Step("", "wiring", Outcome.FAILED, message(e)));
      skip(steps, "schema");
    }
    return new CheckReport(spec.name(), steps);
  }

  private static void skip(List<Step> steps, String... names) {
    for (String name : names) {
      steps.add(new Step("", name, Outcome.SKIPPED, ""));
    }
  }

  private static String resolved(Resolution.Ready ready) {
    return String.join(
        ", ", ready.pins().stream().map(pin -> pin.use() + " is " + pin.resolved()).toList());
  }

  private void schemas(List<Step> steps, Resolution.Ready ready) {
    try {
      Map<String, List<String>> warnings = new HashMap<>();
      Map<String, Schema> schemas =
          engine.check(
              ready.graph(),
              (stage, text) ->
                  warnings.computeIfAbsent(stage, _ -> new ArrayList<>()).add("warning: " + text));
      for (Placed<?> placed : ready.stages()) {
        Schema schema = schemas.get(placed.spec().name());
        List<String> said = new ArrayList<>(warnings.getOrDefault(placed.spec().name(), List.of()));
        if (schema != null) {
          said.add(text(schema));
        }
        steps.add(new Step(placed.spec().name(), "schema", Outcome.OK, String.join("; ", said)));
      }
    } catch (PluginException e) {
      steps.add(new Step("", "schema", Outcome.FAILED, message(e)));
    }
  }

  private <C> void verify(List<Step> steps, Placed<C> placed) {
    Collected collected = new Collected(placed.spec().name());
    try {
      if (placed.plugin().isPresent()) {
        host.call(
            placed.plugin().get(),
            VERIFY,
            () -> {
              placed.factory().verify(placed.config(), collected);
              return true;
            });
      } else {
        placed.factory().verify(placed.config(), collected);
      }
      steps.addAll(collected.steps());
    } catch (Exception e) {
      steps.addAll(collected.steps());
      steps.add(new Step(placed.spec().name(), "verify", Outcome.FAILED, message(e)));
    }
  }

  private static String message(Throwable thrown) {
    return thrown instanceof PluginException known
        ? String.valueOf(known.getMessage())
        : thrown.toString();
  }

  private static String text(Schema schema) {
    List<String> fields = new ArrayList<>();
    for (Field field : schema.getFields()) {
      if (fields.size() == 50) {
        fields.add("… " + (schema.getFields().size() - 50) + " more");
        break;
      }
      if (!field.getName().endsWith("#status")) {
        fields.add(field.getName() + ": " + field.getType());
      }
    }
    return String.join(", ", fields);
  }

  /** Runs the steps of one stage, on a thread of its plugin. */
  private static final class Collected implements Verification {
    private final String stage;
    private final List<Step> steps = new ArrayList<>();
    private boolean failed;

    Collected(String stage) {
      this.stage = stage;
    }

    @Override
    public void step(String what, Check check) {
      Step step;
      if (failed()) {
        step = new Step(stage, what, Outcome.SKIPPED, "");
      } else {
        try {
          check.run();
          step = new Step(stage, what, Outcome.OK, "");
        } catch (Exception e) {
          step = new Step(stage, what, Outcome.FAILED, message(e));
        }
      }
      add(step);
    }

    private synchronized boolean failed() {
      return failed;
    }

    private synchronized void add(Step step) {
      steps.add(step);
      failed |= step.outcome() == Outcome.FAILED;
    }

    synchronized List<Step> steps() {
      return List.copyOf(steps);
    }
  }
}
