package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kr.madang.engine.Durability;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.engine.Graph;
import kr.madang.engine.Pipeline;
import kr.madang.engine.PipelineStatus;
import kr.madang.inference.ModelStep;
import kr.madang.journal.Journals;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Samples of 30 tags → align 8 → window mean over 10 → perceptron → sink, in memory and journaled.
 */
final class PipelineBar implements Bar {
  private static final int TAGS = 30;
  private static final int ROUNDS_A_BATCH = 256;

  @Override
  public String name() {
    return "pipeline";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    List<String> fields = Stages.fields(Perceptron.INPUTS);
    try (BufferAllocator allocator = new RootAllocator();
        Perceptron perceptron = new Perceptron(allocator, fields)) {
      int rounds = quick ? 500_000 : 1_500_000;
      double raw = raw(perceptron, rounds);
      return List.of(
          figure("pipeline", new Durability.None(), allocator, perceptron, rounds, raw, 5_000_000),
          figure(
              "pipeline, journaled",
              Durability.Journaled.DEFAULT,
              allocator,
              perceptron,
              rounds,
              raw,
              2_000_000));
    }
  }

  private static double raw(Perceptron perceptron, int rounds) throws Exception {
    try (Perceptron.Raw bare = perceptron.raw(ROUNDS_A_BATCH)) {
      for (int i = 0; i < 500; i++) {
        bare.run();
      }
      long runs = Math.max(1, rounds / ROUNDS_A_BATCH);
      long before = Cpu.thread();
      for (long i = 0; i < runs; i++) {
        bare.run();
      }
      return (double) runs * ROUNDS_A_BATCH * TAGS / ((Cpu.thread() - before) / 1e9);
    }
  }

  private static Figure figure(
      String bar,
      Durability durability,
      BufferAllocator allocator,
      Perceptron perceptron,
      int rounds,
      double raw,
      long goal)
      throws Exception {
    run(allocator, perceptron, 500_000, durability);
    long start = Cpu.process();
    run(allocator, perceptron, rounds, durability);
    double cpu = (Cpu.process() - start) / 1e9;
    double values = (double) rounds * TAGS;
    double value = values / cpu;
    return new Figure(
        bar, value, "values/s a core", raw, ">= " + goal, cpu * 1e6 / values, value >= goal);
  }

  private static void run(
      BufferAllocator allocator, Perceptron perceptron, int rounds, Durability durability)
      throws Exception {
    Path state = Files.createTempDirectory("bench");
    Journals journals = Stages.journals(state);
    Engine engine =
        new Engine(
            new EngineOptions(
                allocator, InstantSource.system(), Stages.THREADS, new Random(1), state, journals));
    StringBuilder fields = new StringBuilder();
    for (String field : Stages.fields(Perceptron.INPUTS)) {
      fields.append("%s: { tag: plant/%s, fill: hold, maxAge: 1s }, ".formatted(field, field));
    }
    List<Graph.StepNode<?>> steps = new ArrayList<>();
    steps.add(Stages.step("align", "source", "{ every: 100ms, fields: { " + fields + " } }"));
    steps.add(Stages.step("window", "align", "{ length: 10, hop: 1 }"));
    steps.add(Stages.step("mean", "window", "{}"));
    steps.add(
        new Graph.StepNode<>(
            "model",
            List.of("mean"),
            perceptron
                .inference()
                .step(perceptron.model(), perceptron.inference().tenant("default")),
            new ModelStep.Config(List.of()),
            Optional.empty()));
    Graph graph =
        new Graph(
            "default",
            "bench",
            Graph.Limits.DEFAULT,
            durability,
            List.of(Stages.source(context -> new Generator(context, rounds))),
            steps,
            List.of(Stages.sink("model", _ -> {})));
    Pipeline pipeline = engine.start(graph);
    PipelineStatus end = pipeline.ended().get(10, TimeUnit.MINUTES);
    if (end.phase() != PipelineStatus.Phase.FINISHED || !pipeline.ledger().balanced()) {
      throw new IllegalStateException(end + " " + pipeline.ledger());
    }
    journals.close();
    Stages.delete(state);
  }

  /** Rounds of 30 tags every 100 ms. */
  private static final class Generator implements LogSource {
    private final SampleWriter writer;
    private final int[] tags = new int[TAGS];
    private final int rounds;
    private int round;

    Generator(SourceContext context, int rounds) {
      this.writer = new SampleWriter(context.allocator());
      this.rounds = rounds;
      for (int i = 0; i < TAGS; i++) {
        tags[i] = writer.tag("plant/f" + i);
      }
    }

    @Override
    public Poll poll(Duration atMost) {
      if (round == rounds) {
        return new Poll.Done();
      }
      for (int i = 0; i < ROUNDS_A_BATCH && round < rounds; i++, round++) {
        long time = round * 100_000_000L;
        writer.receivedAt(time);
        for (int tag = 0; tag < TAGS; tag++) {
          writer.put(tags[tag], ((round + tag * 7) & 63) / 64.0, Quality.GOOD, time);
        }
      }
      return new Poll.Rows(writer.take(), new Position(Integer.toString(round)));
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
