package kr.madang.engine;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;

/**
 * What a pipeline is made of: every factory found, every config bound. A small directed graph
 * without cycles; steps stand after what they read from.
 *
 * @param workspace whose it is
 * @param pipeline its name, unique in the workspace
 * @param limits what it may use
 * @param durability what an accepted row outlives
 * @param sources at least one
 * @param steps in an order in which each follows what it reads from
 * @param sinks at least one
 */
public record Graph(
    String workspace,
    String pipeline,
    Limits limits,
    Durability durability,
    List<SourceNode<?>> sources,
    List<StepNode<?>> steps,
    List<SinkNode<?>> sinks) {

  /** A pipeline without a journal. */
  public Graph(
      String workspace,
      String pipeline,
      Limits limits,
      List<SourceNode<?>> sources,
      List<StepNode<?>> steps,
      List<SinkNode<?>> sinks) {
    this(workspace, pipeline, limits, new Durability.None(), sources, steps, sinks);
  }

  /** Checks names and wiring. */
  public Graph {
    sources = List.copyOf(sources);
    steps = List.copyOf(steps);
    sinks = List.copyOf(sinks);
    if (sources.isEmpty() || sinks.isEmpty()) {
      throw invalid("pipeline " + pipeline + " needs at least one source and one sink");
    }
    Set<String> known = new HashSet<>();
    sources.forEach(source -> define(known, source.name()));
    for (StepNode<?> step : steps) {
      wire(known, step.name(), step.from());
      define(known, step.name());
    }
    Set<String> sinkNames = new HashSet<>(known);
    for (SinkNode<?> sink : sinks) {
      wire(known, sink.name(), sink.from());
      define(sinkNames, sink.name());
    }
  }

  private static void define(Set<String> known, String name) {
    if (!known.add(name)) {
      throw invalid("two stages are named '" + name + "'; give one of them another name");
    }
  }

  private static void wire(Set<String> known, String name, List<String> from) {
    if (from.isEmpty()) {
      throw invalid("stage '" + name + "' reads from nothing");
    }
    if (new HashSet<>(from).size() < from.size()) {
      throw invalid("stage '" + name + "' reads twice from the same stage: " + from);
    }
    for (String upstream : from) {
      if (!known.contains(upstream)) {
        throw invalid(
            "stage '"
                + name
                + "' reads from '"
                + upstream
                + "', which is no source or step before it");
      }
    }
  }

  private static PluginException invalid(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }

  /**
   * What a pipeline may use.
   *
   * @param memory bytes of Arrow memory for all its batches
   * @param queue batches between two threads
   * @param timeout one exchange with a far side
   * @param retryMin the first pause before a retry
   * @param retryMax the longest pause before a retry
   * @param attempts failures in a row after which a stage gives up; 0 means never
   */
  public record Limits(
      long memory,
      int queue,
      Duration timeout,
      Duration retryMin,
      Duration retryMax,
      int attempts) {
    /** 256 MiB, 16 batches, 5 s, pauses from 200 ms to 30 s, never giving up. */
    public static final Limits DEFAULT =
        new Limits(
            256L << 20,
            16,
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(30),
            0);
  }

  /**
   * A source.
   *
   * @param name unique in the pipeline
   * @param threads makes the threads on which the plugin is called
   * @param <C> the config
   */
  public record SourceNode<C>(
      String name, SourceFactory<C> factory, C config, ThreadFactory threads) {}

  /**
   * A step.
   *
   * @param name unique in the pipeline
   * @param from the sources and steps whose output it reads
   * @param threads for a step of a plugin: makes the thread on which it is called; steps of the
   *     platform have none and share a thread with their neighbours
   * @param <C> the config
   */
  public record StepNode<C>(
      String name,
      List<String> from,
      TransformFactory<C> factory,
      C config,
      Optional<ThreadFactory> threads) {}

  /**
   * A sink.
   *
   * @param name unique in the pipeline
   * @param from the sources and steps whose output it takes
   * @param threads makes the thread on which the plugin is called
   * @param delivery how its journal is delivered, if the pipeline has one
   * @param <C> the config
   */
  public record SinkNode<C>(
      String name,
      List<String> from,
      SinkFactory<C> factory,
      C config,
      ThreadFactory threads,
      Delivery delivery) {

    /** A sink that takes everything in order, as fast as it can. */
    public SinkNode(
        String name, List<String> from, SinkFactory<C> factory, C config, ThreadFactory threads) {
      this(name, from, factory, config, threads, Delivery.IN_ORDER);
    }
  }

  /**
   * How the journal in front of a sink is delivered.
   *
   * @param liveFirst after an absence, new rows go before those that have piled up
   * @param drainRate most rows a second of those that have piled up; 0 for as many as it takes
   */
  public record Delivery(boolean liveFirst, long drainRate) {
    /** Everything in order, as fast as the sink takes it. */
    public static final Delivery IN_ORDER = new Delivery(false, 0);
  }
}
