package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import kr.madang.engine.Graph.Limits;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all stages of one running pipeline share. */
final class Scene {
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Graph graph;
  private final EngineOptions options;
  private final BufferAllocator allocator;
  private final PipelineStore store;
  private final long epoch;
  private final DeadLetterLog letters;
  private final Rejects rejects;
  private @Nullable Streams streams;
  private final Stopper stopping = new Stopper();
  private final Stopper aborted = new Stopper();
  private final Retry retry;
  private final Retry opening;
  private final CountDownLatch sinksDone;
  private final Logger log;
  private final Map<String, StageState> states = new LinkedHashMap<>();
  private final Map<String, Account> accounts = new LinkedHashMap<>();
  private final Map<String, CopyOnWriteArrayList<Tap>> taps = new LinkedHashMap<>();
  private final Map<String, TagBook> books = new LinkedHashMap<>();
  private final List<Acks> acks = new ArrayList<>();
  private final Connections connections;
  private final FailureListener failures;

  /** Hears that a stage has ended by an error. */
  interface FailureListener {
    void failed(String stage, Throwable thrown);
  }

  /** Keeps rows of a batch aside. */
  interface Rejecter {
    void reject(Batch batch, BitSet rows, ErrorCode code, String why);
  }

  /** A running pipeline. */
  static Scene of(
      Graph graph,
      EngineOptions options,
      BufferAllocator allocator,
      PipelineStore store,
      Connections connections,
      FailureListener failures) {
    boolean journaled = graph.durability() instanceof Durability.Journaled;
    long epoch = journaled ? 0 : store.nextEpoch(options.clock().instant().getEpochSecond());
    return new Scene(graph, options, allocator, store, epoch, true, connections, failures);
  }

  /** Steps without sources and sinks, which leave nothing behind. */
  static Scene ofReplay(
      Graph graph, EngineOptions options, BufferAllocator allocator, FailureListener failures) {
    PipelineStore store = new PipelineStore(options.state(), graph.workspace(), graph.pipeline());
    return new Scene(graph, options, allocator, store, 0, false, new Connections(), failures);
  }

  private Scene(
      Graph graph,
      EngineOptions options,
      BufferAllocator allocator,
      PipelineStore store,
      long epoch,
      boolean keepsRejects,
      Connections connections,
      FailureListener failures) {
    this.graph = graph;
    this.options = options;
    this.allocator = allocator;
    this.store = store;
    this.connections = connections;
    this.failures = failures;
    boolean journaled = graph.durability() instanceof Durability.Journaled;
    this.epoch = epoch;
    this.letters = new DeadLetterLog(this::streams, options.allocator(), options.clock());
    this.rejects = keepsRejects ? letters : Rejects.COUNTED;
    this.retry = new Retry(graph.limits(), options.jitter(), aborted);
    this.opening = new Retry(graph.limits(), options.jitter(), stopping);
    this.sinksDone = new CountDownLatch(graph.sinks().size());
    this.log = LoggerFactory.getLogger("pipeline." + graph.workspace() + "." + graph.pipeline());
    for (SourceNode<?> node : graph.sources()) {
      add(node.name(), "source");
      books.put(node.name(), new TagBook(node.name()));
    }
    graph.steps().forEach(node -> add(node.name(), "step"));
    graph.sinks().forEach(node -> add(node.name(), "sink"));
    for (int i = 0; i < graph.sources().size(); i++) {
      acks.add(
          journaled
              ? Acks.ofOne()
              : new Acks(graph.sinks().size(), Reach.sinks(graph, graph.sources().get(i).name())));
    }
  }

  private void add(String name, String kind) {
    states.put(name, new StageState(name, kind, options.clock()));
    accounts.put(name, new Account(name));
    taps.put(name, new CopyOnWriteArrayList<>());
  }

  /** What a source of a plugin may share with others. */
  Connections.Lease connections(@Nullable ClassLoader plugin) {
    return connections.lease(plugin, graph.workspace());
  }

  Limits limits() {
    return graph.limits();
  }

  InstantSource clock() {
    return options.clock();
  }

  long nanos() {
    Instant now = options.clock().instant();
    return Math.addExact(
        Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), (long) now.getNano());
  }

  BufferAllocator allocator() {
    return allocator;
  }

  PipelineStore store() {
    return store;
  }

  Rejects rejects() {
    return rejects;
  }

  DeadLetterLog letters() {
    return letters;
  }

  /** Memory for letters is not the pipeline's, which may be used up. */
  BufferAllocator letterAllocator() {
    return options.allocator();
  }

  /** What the pipeline has in the journal; opens the journal if need be. */
  synchronized Streams streams() {
    Streams known = streams;
    if (known == null) {
      known = new Streams(options.journals().of(graph.workspace()), graph.pipeline());
      streams = known;
    }
    return known;
  }

  /** Whether it is long enough that somebody said stop: what is safe in the journal can wait. */
  boolean graceOver() {
    return stopping.stoppedFor(GRACE);
  }

  Retry retry() {
    return retry;
  }

  /** Tries until the pipeline is told to stop; {@link #retry} until it ends by force. */
  Retry opening() {
    return opening;
  }

  /** Set when the sources should stop and the rest be delivered. */
  Stopper stopping() {
    return stopping;
  }

  /** Set when everything should end at once. */
  Stopper aborted() {
    return aborted;
  }

  int sinks() {
    return graph.sinks().size();
  }

  CountDownLatch sinksDone() {
    return sinksDone;
  }

  Logger log() {
    return log;
  }

  long epoch() {
    return epoch;
  }

  String stream(String stage) {
    return graph.workspace() + "/" + graph.pipeline() + "/" + stage;
  }

  StageState state(String stage) {
    return at(states, stage);
  }

  Account account(String stage) {
    return at(accounts, stage);
  }

  CopyOnWriteArrayList<Tap> taps(String stage) {
    return at(taps, stage);
  }

  TagBook tags(String source) {
    return at(books, source);
  }

  List<SourceTags> tags() {
    Instant now = options.clock().instant();
    return books.values().stream().map(book -> book.snapshot(now)).toList();
  }

  Acks acks(int source) {
    return acks.get(source);
  }

  Iterable<StageState> states() {
    return states.values();
  }

  List<Ledger.Stage> accounts() {
    return accounts.values().stream().map(Account::snapshot).toList();
  }

  void fail(String stage, Throwable thrown) {
    failures.failed(stage, thrown);
  }

  TransformContext step(String stage) {
    return new StepContext(stream(stage), allocator, LoggerFactory.getLogger(stream(stage)));
  }

  SinkContext sink(SinkNode<?> node, Rejecter rejecter) {
    return new SinkScene(this, node.name(), rejecter);
  }

  private static <T> T at(Map<String, T> map, String stage) {
    T found = map.get(stage);
    if (found == null) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "no stage '" + stage + "'; this pipeline has " + String.join(", ", map.keySet()));
    }
    return found;
  }

  private record StepContext(String name, BufferAllocator allocator, Logger logger)
      implements TransformContext {}

  private record SinkScene(Scene scene, String node, Rejecter rejecter) implements SinkContext {
    @Override
    public String name() {
      return scene.stream(node);
    }

    @Override
    public Duration timeout() {
      return scene.limits().timeout();
    }

    @Override
    public BufferAllocator allocator() {
      return scene.allocator;
    }

    @Override
    public InstantSource clock() {
      return scene.clock();
    }

    @Override
    public Logger logger() {
      return LoggerFactory.getLogger(name());
    }

    @Override
    public void reject(Batch batch, BitSet rows, String why) {
      rejecter.reject(batch, rows, ErrorCode.BAD_DATA, why);
    }
  }
}
