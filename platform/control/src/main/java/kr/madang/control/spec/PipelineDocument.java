package kr.madang.control.spec;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Node;
import kr.madang.engine.Durability;
import kr.madang.engine.Graph;
import kr.madang.journal.Full;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The keys of a pipeline document. */
record PipelineDocument(
    @Doc("Name of the pipeline, unique in its workspace") String pipeline,
    @Doc("One line for people") @Default("") String description,
    @Doc("What the pipeline may use") @Default("{}") Limits limits,
    @Doc("What an accepted row outlives: the process, or, with a journal, everything but the disk")
        Optional<Durable> durability,
    @Doc("The journal of a durable pipeline") Optional<Journal> journal,
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

  /** What an accepted row outlives. */
  enum Durable {
    /** Everything but the disk. */
    JOURNAL,
    /** Nothing: a row counts as accepted when it is delivered. */
    NONE
  }

  record Journal(
      @Doc("What happens when there is no room for more") @Default("block") Full full,
      @Doc("Most bytes in front of each stage that has a journal")
          @Default("1GiB")
          @Unit("By")
          @Range(min = 1 << 20, max = 1L << 50)
          long size,
      @Doc("How long rows of sources stay after they were worked on, for replay")
          @Default("0s")
          @Range(min = 0, max = 3.2e9)
          Duration keep) {

    Durability.Journaled forEngine() {
      return new Durability.Journaled(full, size, keep);
    }
  }

  /** In which order a sink gets what has piled up in its journal. */
  enum CatchUp {
    /** Everything as it came. */
    IN_ORDER,
    /** New rows before those that have piled up. */
    LIVE_FIRST
  }

  record Source(
      @Doc("plugin-id[@range]/stage, or the stage where its name is unique") String use,
      @Doc("Config of the stage") @Default("{}") Node config) {}

  record Sink(
      @Doc("plugin-id[@range]/stage, or the stage where its name is unique") String use,
      @Doc("Config of the stage") @Default("{}") Node config,
      @Doc("The stages whose rows it takes; without it the last step") Optional<Node> from,
      @Doc("Name of the stage") Optional<String> name,
      @Doc("After an absence: everything in order, or new rows first") Optional<CatchUp> catchUp,
      @Doc("Most rows a second of those that have piled up; 0 for as many as it takes")
          @Range(min = 0, max = 1e12)
          Optional<Long> drainRate) {

    Graph.Delivery delivery() {
      return new Graph.Delivery(
          catchUp.orElse(CatchUp.IN_ORDER) == CatchUp.LIVE_FIRST, drainRate.orElse(0L));
    }
  }

  /** Beside the config of a model step. */
  record ModelUse(@Doc("Model as name, name@1.2.0 or name@^1") String use) {}
}
