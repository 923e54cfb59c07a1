package kr.madang.engine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import kr.madang.engine.Checkpoint.Passage;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamOptions;
import kr.madang.journal.StreamStatus;
import kr.madang.sdk.transform.Transform;

/**
 * Links the stages of a graph through the journal: each source writes into it, one thread reads it
 * and drives all steps, which write into it again before each sink, and each sink reads on its own.
 */
final class JournaledWiring implements Plan {
  private static final String PUT_BACK = "dead letters";

  /** Percent of the journal at which sources wait, so that what they gave can be worked on. */
  private static final int SOURCES = 70;

  /** Percent of the journal at which outputs wait, so that checkpoints can be written. */
  private static final int SINKS = 85;

  private final Graph graph;
  private final Durability.Journaled durability;
  private final Fitting fitting;
  private final Scene scene;
  private final ThreadFactory platform;
  private final Streams streams;
  private final Arrivals arrivals;
  private final Traffic traffic = new Traffic();
  private final Map<String, List<String>> readers = new HashMap<>();
  private final Map<String, JournalStream> sources = new LinkedHashMap<>();
  private final Map<String, StepRun> steps = new LinkedHashMap<>();
  private final Map<String, Outlet> outlets = new LinkedHashMap<>();
  private final Map<String, JournalIntake> intakes = new LinkedHashMap<>();
  private final List<Hand> hands = new ArrayList<>();
  private final List<SourceLog> logs = new ArrayList<>();

  JournaledWiring(
      Graph graph,
      Durability.Journaled durability,
      Fitting fitting,
      Scene scene,
      ThreadFactory platform) {
    this.graph = graph;
    this.durability = durability;
    this.fitting = fitting;
    this.scene = scene;
    this.platform = platform;
    this.streams = scene.streams();
    this.arrivals = new Arrivals(graph.sources().size());
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

  @Override
  public List<Work> work() throws Exception {
    try {
      return link();
    } catch (Exception | Error e) {
      discard();
      throw e;
    }
  }

  @Override
  public void discard() {
    hands.forEach(Hand::leave);
    logs.forEach(SourceLog::close);
    intakes.values().forEach(JournalIntake::close);
  }

  private List<Work> link() throws Exception {
    StreamOptions inner =
        new StreamOptions(durability.full(), durability.bytes(), Duration.ZERO, SINKS);
    StreamOptions outer =
        new StreamOptions(durability.full(), durability.bytes(), durability.keep(), SOURCES);
    StreamOptions own = new StreamOptions(StreamOptions.DEFAULT.full(), 1L << 30, Duration.ZERO);
    forgetOthers();
    List<Work> work = new ArrayList<>();
    for (SinkNode<?> sink : graph.sinks()) {
      work.add(sink(sink, inner));
    }
    for (StepNode<?> step : graph.steps().reversed()) {
      Transform transform = fitting.transform(step.name());
      StepRun run =
          new StepRun(
              step.threads().isPresent() ? hand(transform, step.threads().get()) : transform,
              scene.state(step.name()),
              scene.account(step.name()),
              scene);
      run.next(after(step.name()));
      steps.put(step.name(), run);
    }
    for (SourceNode<?> source : graph.sources()) {
      sources.put(source.name(), streams.stage(source.name(), outer));
    }
    JournalStream again = streams.again(outer);
    Feed feed =
        new Feed(
            scene,
            version(),
            again,
            streams.state(own),
            sources,
            heads(),
            ordered(),
            List.copyOf(outlets.values()),
            arrivals,
            traffic);
    feed.restore();
    for (StepRun step : steps.values()) {
      scene.state(step.name()).set(PipelineStatus.State.RUNNING);
    }
    work.add(new Work(feed, platform));
    for (int i = 0; i < graph.sources().size(); i++) {
      work.add(source(graph.sources().get(i), i, feed));
    }
    return work;
  }

  private Hand hand(Transform transform, ThreadFactory threads) {
    Hand hand = new Hand(transform, threads);
    hands.add(hand);
    return hand;
  }

  private Map<String, StepRun> ordered() {
    Map<String, StepRun> inOrder = new LinkedHashMap<>();
    graph
        .steps()
        .forEach(step -> inOrder.put(step.name(), Objects.requireNonNull(steps.get(step.name()))));
    return inOrder;
  }

  /** What stands behind each source, and every stage to which rows can be put back. */
  private Map<String, Downstream> heads() {
    Map<String, Downstream> heads = new LinkedHashMap<>(steps);
    heads.putAll(outlets);
    graph.sources().forEach(source -> heads.put(source.name(), after(source.name())));
    return heads;
  }

  private Downstream after(String stage) {
    List<Downstream> next = new ArrayList<>();
    for (String reader : readers.getOrDefault(stage, List.of())) {
      StepRun step = steps.get(reader);
      next.add(step != null ? step : Objects.requireNonNull(outlets.get(reader)));
    }
    return FanOut.of(next);
  }

  private <C> Work sink(SinkNode<C> node, StreamOptions options) {
    JournalStream stream = streams.stage(node.name(), options);
    JournalIntake intake = new JournalIntake(node.name(), node.delivery(), streams, stream, scene);
    SinkPlace place = intake.place();
    scene
        .account(node.name())
        .resume(
            new Ledger.Stage(
                node.name(),
                place.in(),
                place.in() - place.rejected(),
                0,
                place.rejected(),
                Map.of(),
                0,
                0,
                place.in() - place.rejected()));
    intakes.put(node.name(), intake);
    Outlet[] outlet = new Outlet[1];
    outlet[0] =
        new Outlet(
            node.name(),
            streams.journal(),
            stream,
            scene,
            finished -> intake.ended(finished, outlet[0].order()));
    outlets.put(node.name(), outlet[0]);
    SinkRun<C> run = new SinkRun<>(node, fitting.input(node.name(), node.from()), intake, scene);
    return new Work(run, node.threads());
  }

  private <C> Work source(SourceNode<C> node, int index, Feed feed) {
    JournalStream stream = Objects.requireNonNull(sources.get(node.name()));
    long rejected = streams.rejected(node.name()).next();
    scene
        .account(node.name())
        .resume(
            new Ledger.Stage(
                node.name(),
                stream.next() + rejected,
                stream.next(),
                0,
                rejected,
                Map.of(),
                0,
                0,
                stream.next()));
    SourceLog log =
        new SourceLog(
            node.name(), index, feed.position(node.name()), streams, stream, arrivals, scene);
    SourceRun<C> run = new SourceRun<>(node, index, fitting.tags(node.name()), log, scene);
    return new Work(run, node.threads());
  }

  /** Stages that the pipeline no longer has keep nothing in the journal. */
  private void forgetOthers() {
    Set<String> known = new HashSet<>();
    graph.sources().forEach(node -> known.add(node.name()));
    graph.steps().forEach(node -> known.add(node.name()));
    graph.sinks().forEach(node -> known.add(node.name()));
    List<String> gone = new ArrayList<>();
    for (JournalStream stream : streams.journal().streams()) {
      String prefix = streams.pipeline() + "/";
      if (stream.name().startsWith(prefix)) {
        String stage = stream.name().substring(prefix.length());
        int mark = stage.indexOf('!');
        if (!known.contains(mark < 0 ? stage : stage.substring(0, mark))) {
          gone.add(stream.name());
          StreamStatus status = stream.status();
          if (mark < 0 && status.next() > status.released()) {
            scene
                .log()
                .warn(
                    "stage {} is no longer in the pipeline: up to {} rows of its journal are"
                        + " dropped",
                    stage,
                    status.next() - status.first());
          }
        }
      }
    }
    if (!gone.isEmpty()) {
      streams.journal().drop(gone, gone);
    }
  }

  /** The same for two graphs only if their steps do the same. */
  private String version() {
    StringBuilder text = new StringBuilder();
    for (StepNode<?> step : graph.steps()) {
      text.append(step.name())
          .append('\n')
          .append(step.from())
          .append('\n')
          .append(step.factory().getClass().getName())
          .append('\n')
          .append(step.config())
          .append('\n');
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<Ledger.Link> links() {
    List<Ledger.Link> links = new ArrayList<>();
    sources.forEach((name, stream) -> {
      Passage out = traffic.source(name);
      long emitted = stream.next();
      for (String reader : readers.getOrDefault(name, List.of())) {
        if (steps.containsKey(reader)) {
          long gone = gone(stream, out);
          long queued = emitted - out.received() - gone;
          links.add(new Ledger.Link(name, reader, emitted, out.received(), gone, queued));
        }
      }
    });
    traffic
        .back()
        .forEach((stage, rows) ->
            links.add(new Ledger.Link(PUT_BACK, stage, rows.received(), rows.received(), 0, 0)));
    graph.sinks().forEach(sink -> links.add(link(sink)));
    return links;
  }

  /** Rows that the feed found gone, or will find gone. */
  private static long gone(JournalStream source, Passage out) {
    return out.gone() + source.gone(out.received() + out.gone(), Long.MAX_VALUE);
  }

  /** The way to a sink; where no step is between, also what waits for the feed is on it. */
  private Ledger.Link link(SinkNode<?> sink) {
    JournalIntake intake = Objects.requireNonNull(intakes.get(sink.name()));
    long received = scene.account(sink.name()).in();
    long gone = intake.gone();
    Outlet.Rows rows = Objects.requireNonNull(outlets.get(sink.name())).rows();
    long queued = rows.kept() - received - gone;
    long emitted = rows.emitted();
    for (String from : sink.from()) {
      JournalStream source = sources.get(from);
      if (source != null) {
        Passage out = traffic.source(from);
        long lost = gone(source, out);
        long waiting = Math.max(0, source.next() - out.received() - lost);
        queued += waiting;
        emitted += waiting + lost;
        gone += lost;
      }
    }
    return new Ledger.Link(
        String.join(", ", sink.from()), sink.name(), emitted, received, gone, queued);
  }

  @Override
  public void abort() {}
}
