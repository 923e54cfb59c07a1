package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.engine.Graph;
import kr.madang.engine.Ledger;
import kr.madang.engine.Pipeline;
import kr.madang.engine.PipelineStatus;
import kr.madang.journal.Journals;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * What a pipeline moved while it was watched.
 *
 * @param rows that the sink has
 * @param seconds by the clock
 * @param cpu seconds of this process
 * @param server seconds of the other side
 */
record Flow(double rows, double seconds, double cpu, double server) {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What is compared with a goal. */
  enum Rate {
    /** Rows a CPU second of this process. */
    A_CORE,
    /** Rows a second by the clock. */
    BY_THE_CLOCK
  }

  /** A source without end: warms up, then watches for a time. */
  static Flow during(Peer peer, Graph graph, int warm, int seconds) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    return run(
        peer,
        graph,
        _ -> never.await(warm, TimeUnit.SECONDS),
        _ -> never.await(seconds, TimeUnit.SECONDS));
  }

  /** Watches from when the sink has so many rows until it has so many. */
  static Flow between(Peer peer, Graph graph, long from, long to) throws Exception {
    return run(peer, graph, pipeline -> await(pipeline, from), pipeline -> await(pipeline, to));
  }

  private interface Wait {
    void on(Pipeline pipeline) throws Exception;
  }

  private static Flow run(Peer peer, Graph graph, Wait warm, Wait watch) throws Exception {
    Path state = Files.createTempDirectory("bench");
    try (BufferAllocator allocator = new RootAllocator();
        Journals journals = Stages.journals(state)) {
      Engine engine =
          new Engine(
              new EngineOptions(
                  allocator,
                  InstantSource.system(),
                  Stages.THREADS,
                  new Random(1),
                  state,
                  journals));
      Pipeline pipeline = engine.start(graph);
      try {
        warm.on(pipeline);
        double before = rows(pipeline);
        long start = System.nanoTime();
        long cpu = Cpu.process();
        long server = peer.cpu();
        watch.on(pipeline);
        Flow flow =
            new Flow(
                rows(pipeline) - before,
                (System.nanoTime() - start) / 1e9,
                (Cpu.process() - cpu) / 1e9,
                (peer.cpu() - server) / 1e9);
        for (PipelineStatus.StageStatus stage : pipeline.status().stages()) {
          if (!stage.reason().isEmpty()) {
            throw new IllegalStateException("not at work: " + pipeline.status());
          }
        }
        return flow;
      } finally {
        pipeline.stop(Duration.ofSeconds(10));
        pipeline.ended().get(30, TimeUnit.SECONDS);
        engine.forget(graph.workspace(), graph.pipeline());
      }
    } finally {
      Stages.delete(state);
    }
  }

  private static void await(Pipeline pipeline, long rows) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    long limit = System.nanoTime() + PATIENCE.toNanos();
    while (rows(pipeline) < rows) {
      if (pipeline.ended().isDone() || System.nanoTime() > limit) {
        throw new IllegalStateException(
            "%d rows of %d: %s".formatted(rows(pipeline), rows, pipeline.status()));
      }
      never.await(5, TimeUnit.MILLISECONDS);
    }
  }

  private static long rows(Pipeline pipeline) {
    return pipeline.ledger().stages().stream()
        .filter(stage -> stage.name().equals("sink"))
        .mapToLong(Ledger.Stage::absorbed)
        .sum();
  }

  /** A pipeline of a source and a sink. */
  static Graph graph(Graph.SourceNode<?> source, Graph.SinkNode<?> sink) {
    return new Graph(
        "default", "bench", Graph.Limits.DEFAULT, List.of(source), List.of(), List.of(sink));
  }

  /** The figure for it; without a goal it is shown only. */
  Figure figure(String bar, String what, Rate rate, long goal) {
    return figure(bar, what, rate, goal, Double.NaN);
  }

  /** The same beside what the bare library reaches. */
  Figure figure(String bar, String what, Rate rate, long goal, double raw) {
    double value = rows / (rate == Rate.A_CORE ? cpu : seconds);
    return new Figure(
        "%s (%.0f/s seen, client %.2f cores, server %.2f)"
            .formatted(bar, rows / seconds, cpu / seconds, server / seconds),
        value,
        what + (rate == Rate.A_CORE ? "/s a core" : "/s"),
        raw,
        goal == 0 ? "-" : ">= " + goal,
        cpu * 1e6 / rows,
        value >= goal);
  }
}
