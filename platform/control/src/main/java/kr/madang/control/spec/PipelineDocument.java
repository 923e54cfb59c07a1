package kr.madang.control.spec;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Node;
import kr.madang.engine.Graph;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The keys of a pipeline document. */
record PipelineDocument(
    @Doc("Name of the pipeline, unique in its workspace") String pipeline,
    @Doc("One line for people") @Default("") String description,
    @Doc("What the pipeline may use") @Default("{}") Limits limits,
    @Doc("What an accepted row outlives") @Default("none") String durability,
    @Doc("Where data comes in") Optional<Source> source,
    @Doc("Several places where data comes in, by name") Optional<Map<String, Source>> sources,
    @Doc("What happens to the data, in this order") @Default("[]") List<Node> steps,
    @Doc("Where data goes out") List<Sink> sinks) {

  record Limits(
      @Doc("Memory for all batches of the pipeline")
          @Default("256MiB")
          @Unit("By")
          @Range(min = 1 << 20)
          long memory,
      @Doc("Batches between two threads") @Default("16") @Range(min = 1, max = 4096) int queue,
      @Doc("One exchange with a far side") @Default("5s") @Range(min = 0.001, max = 3600)
          Duration timeout,
      @Doc("The first pause before a retry") @Default("200ms") @Range(min = 0.001, max = 3600)
          Duration retryMin,
      @Doc("The longest pause before a retry") @Default("30s") @Range(min = 0.001, max = 86400)
          Duration retryMax,
      @Doc("Failures in a row after which a stage gives up; 0 means never")
          @Range(min = 0, max = 1_000_000)
          Optional<Integer> attempts) {

    Limits {
      if (retryMin.compareTo(retryMax) > 0) {
        throw new IllegalArgumentException("retryMin must not be longer than retryMax");
      }
    }

    Graph.Limits forEngine(int usualAttempts) {
      return new Graph.Limits(
          memory, queue, timeout, retryMin, retryMax, attempts.orElse(usualAttempts));
    }
  }

  record Source(
      @Doc("plugin-id[@range]/stage, or the stage where its name is unique") String use,
      @Doc("Config of the stage") @Default("{}") Node config) {}

  record Sink(
      @Doc("plugin-id[@range]/stage, or the stage where its name is unique") String use,
      @Doc("Config of the stage") @Default("{}") Node config,
      @Doc("The stages whose rows it takes; without it the last step") Optional<Node> from,
      @Doc("Name of the stage") Optional<String> name) {}

  /** Beside the config of a model step. */
  record ModelUse(@Doc("Model as name, name@1.2.0 or name@^1") String use) {}
}
