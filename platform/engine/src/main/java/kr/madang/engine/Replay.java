package kr.madang.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.engine.compare.ResultSummary;
import kr.madang.engine.compare.ResultSummary.StageTime;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** A replay that was started. Any thread. */
public final class Replay {
  private static final Duration TURN = Duration.ofMillis(20);

  private final Graph graph;
  private final EngineOptions options;
  private final Streams recorded;
  private final Recording.Range range;
  private final Path folder;
  private final String label;
  private final CompletableFuture<ResultSummary> ended = new CompletableFuture<>();
  private final Map<String, List<String>> readers = new HashMap<>();
  private final Map<String, StepRun> steps = new LinkedHashMap<>();
  private final Map<String, ResultFile> files = new LinkedHashMap<>();
  private final Stopwatch watch = new Stopwatch();
  private volatile boolean cancelled;
  private volatile long rows;
  private volatile long of;
  private @Nullable Instant first;
  private @Nullable Instant last;

  /**
   * How far it is.
   *
   * @param rows input rows that were worked on
   * @param of all input rows of the recording, of which a range may be less
   */
  public record Progress(long rows, long of) {}

  Replay(
      Graph graph,
      EngineOptions options,
      Streams recorded,
      Recording.Range range,
      Path folder,
      String label) {
    this.graph = graph;
    this.options = options;
    this.recorded = recorded;
    this.range = range;
    this.folder = folder;
    this.label = label;
    for (StepNode<?> step : graph.steps()) {
      step.from().forEach(from -> read(from, step.name()));
    }
    for (SinkNode<?> sink : graph.sinks()) {
      sink.from().forEach(from -> read(from, sink.name()));
    }
  }

  private void read(String from, String reader) {
    readers.computeIfAbsent(from, _ -> new ArrayList<>()).add(reader);
  }

  void start() {
    options.threads().newThread(this::run).start();
  }

  /** How far it is. */
  public Progress progress() {
    return new Progress(rows, of);
  }

  /** Ends it early; what it wrote is removed. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Completes with the summary when all results are in the folder, or with a {@link
   * PluginException}.
   */
  public CompletableFuture<ResultSummary> ended() {
    return ended.copy();
  }

  private void run() {
    String name = "replay " + graph.workspace() + "/" + graph.pipeline();
    try {
      ResultSummary summary;
      try (BufferAllocator allocator =
          options.allocator().newChildAllocator(name, 0, graph.limits().memory())) {
        summary = work(allocator);
      }
      ended.complete(summary);
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      remove();
      ended.completeExceptionally(
          e instanceof PluginException
              ? e
              : new PluginException(Errors.code(e), Errors.message(e), e));
    }
  }

  private ResultSummary work(BufferAllocator allocator) throws Exception {
    makeFolder();
    Map<String, JournalStream> sources = sources();
    long begun = System.nanoTime();
    Scene scene =
        Scene.ofReplay(graph, options, allocator, (stage, thrown) -> scenesFailure(stage, thrown));
    Fitting fitting = new Fitting(graph, scene::step, (_, call) -> call.run(), () -> cancelled);
    boolean linked = false;
    try {
      fitting.open();
      link(fitting, scene, allocator);
      linked = true;
      replay(sources, allocator);
      for (StepRun step : steps.values()) {
        step.complete(false);
      }
    } finally {
      for (ResultFile file : files.values()) {
        file.close();
      }
      if (linked) {
        steps.values().forEach(StepRun::close);
      } else {
        fitting.close();
      }
    }
    return summary(scene, System.nanoTime() - begun);
  }

  private static void scenesFailure(String stage, Throwable thrown) {
    throw new PluginException(Errors.code(thrown), stage + ": " + Errors.message(thrown), thrown);
  }

  private void makeFolder() throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> there = Files.list(folder)) {
      if (there.findAny().isPresent()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            folder + " is not empty: name an empty folder for the result");
      }
    }
  }

  private Map<String, JournalStream> sources() {
    Map<String, JournalStream> sources = new LinkedHashMap<>();
    for (SourceNode<?> node : graph.sources()) {
      JournalStream stream =
          recorded
              .journal()
              .find(recorded.stage(node.name()))
              .orElseThrow(() ->
                  new PluginException(
                      ErrorCode.NOT_FOUND,
                      "nothing is recorded of source '%s' of pipeline '%s': let it run with"
                              .formatted(node.name(), recorded.pipeline())
                          + " durability: journal and journal: {keep: …}"));
      sources.put(node.name(), stream);
      of += stream.forced() - stream.status().first();
    }
    return sources;
  }

  private void link(Fitting fitting, Scene scene, BufferAllocator allocator) throws IOException {
    for (SinkNode<?> sink : graph.sinks()) {
      files.put(
          sink.name(),
          new ResultFile(
              folder.resolve(sink.name() + ".arrow"),
              fitting.input(sink.name(), sink.from()),
              allocator));
    }
    for (StepNode<?> step : graph.steps().reversed()) {
      Transform transform = fitting.transform(step.name());
      StepRun run =
          new StepRun(
              step.threads().isPresent() ? new Hand(transform, step.threads().get()) : transform,
              scene.state(step.name()),
              scene.account(step.name()),
              scene);
      run.next(after(step.name()));
      steps.put(step.name(), run);
    }
  }

  private Downstream after(String stage) {
    List<Downstream> next = new ArrayList<>();
    for (String reader : readers.getOrDefault(stage, List.of())) {
      StepRun step = steps.get(reader);
      next.add(
          watch.around(reader, step != null ? step : Objects.requireNonNull(files.get(reader))));
    }
    return FanOut.of(next);
  }

  private void replay(Map<String, JournalStream> sources, BufferAllocator allocator)
      throws InterruptedException {
    Map<String, Long> from = new LinkedHashMap<>();
    Map<String, Downstream> heads = new HashMap<>();
    sources.forEach((name, stream) -> {
      from.put(stream.name(), stream.status().first());
      heads.put(stream.name(), after(name));
    });
    long upTo = recorded.journal().forced();
    try (Reader reader = recorded.journal().read(from, allocator)) {
      while (!cancelled) {
        Logged next = reader.poll(reader.atEnd() ? Duration.ZERO : TURN);
        if (next == null) {
          if (reader.atEnd()) {
            return;
          }
        } else if (next instanceof Logged.Rows found && !take(found, upTo, heads)) {
          return;
        }
      }
    }
    throw new PluginException(ErrorCode.EXHAUSTED, "the replay was cancelled");
  }

  /** False when the range is over. */
  private boolean take(Logged.Rows found, long upTo, Map<String, Downstream> heads)
      throws InterruptedException {
    Instant at = Recordings.instant(found.time());
    boolean over =
        found.order() > upTo || (range.to().isPresent() && !at.isBefore(range.to().get()));
    if (over || (range.from().isPresent() && at.isBefore(range.from().get()))) {
      found.batch().close();
      return !over;
    }
    if (first == null) {
      first = at;
    }
    last = at;
    rows += found.batch().rows();
    Objects.requireNonNull(heads.get(found.stream())).data(found.batch());
    return true;
  }

  private ResultSummary summary(Scene scene, long wall) {
    List<StageTime> times = new ArrayList<>();
    Map<String, Long> rejected = new LinkedHashMap<>();
    for (StepNode<?> step : graph.steps()) {
      times.add(new StageTime(step.name(), watch.nanos(step.name()), ResultSummary.NOT_MEASURED));
      rejected.put(step.name(), scene.account(step.name()).snapshot().rejected());
    }
    Map<String, Long> outputs = new LinkedHashMap<>();
    files.forEach((sink, file) -> outputs.put(sink, file.rows()));
    return new ResultSummary(
        graph.pipeline(), label, "", rows, first, last, wall, times, outputs, rejected);
  }

  private void remove() {
    for (String sink : files.keySet()) {
      try {
        Files.deleteIfExists(folder.resolve(sink + ".arrow"));
      } catch (IOException _) {
        // It says by itself that it is not whole.
      }
    }
  }
}
