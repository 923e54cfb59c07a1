package kr.madang.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;

/**
 * Links the stages of a graph and decides who shares a thread: sources, sinks and steps of plugins
 * have threads of their own, neighbouring steps of the platform share one.
 */
final class Wiring implements Plan {

  private final Graph graph;
  private final Fitting fitting;
  private final Scene scene;
  private final ThreadFactory platform;
  private final Map<String, List<String>> readers = new HashMap<>();
  private final Map<String, Inbox> inboxes = new HashMap<>();
  private final Map<String, StepRun> steps = new LinkedHashMap<>();
  private final List<Link> links = new ArrayList<>();

  Wiring(Graph graph, Fitting fitting, Scene scene, ThreadFactory platform) {
    this.graph = graph;
    this.fitting = fitting;
    this.scene = scene;
    this.platform = platform;
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
  public List<Ledger.Link> links() {
    return links.stream().map(Link::account).toList();
  }

  @Override
  public void discard() {}

  @Override
  public void abort() {
    links.forEach(Link::abort);
  }

  @Override
  public List<Work> work() {
    List<Work> work = new ArrayList<>();
    for (int i = 0; i < graph.sinks().size(); i++) {
      work.add(sink(graph.sinks().get(i), i));
    }
    List<Work> segments = new ArrayList<>();
    for (StepNode<?> step : graph.steps().reversed()) {
      StepRun run =
          new StepRun(
              fitting.transform(step.name()),
              scene.state(step.name()),
              scene.account(step.name()),
              scene);
      steps.put(step.name(), run);
      if (!chained(step)) {
        inboxes.put(step.name(), inbox());
      }
      run.next(after(step.name()));
      scene.state(step.name()).set(PipelineStatus.State.RUNNING);
    }
    for (StepNode<?> step : graph.steps()) {
      if (!chained(step)) {
        Segment segment = new Segment(chain(step), inbox(step.name()), scene);
        segments.add(new Work(segment, step.threads().orElse(platform)));
      }
    }
    work.addAll(segments.reversed());
    for (int i = 0; i < graph.sources().size(); i++) {
      work.add(source(graph.sources().get(i), i));
    }
    return work;
  }

  private <C> Work sink(SinkNode<C> node, int index) {
    Inbox inbox = inbox();
    inboxes.put(node.name(), inbox);
    SinkRun<C> run =
        new SinkRun<>(
            node,
            fitting.input(node.name(), node.from()),
            new InboxIntake(inbox, scene, node.name(), index),
            scene);
    return new Work(run, node.threads());
  }

  private <C> Work source(SourceNode<C> node, int index) {
    SourceRun<C> run =
        new SourceRun<>(node, index, fitting.tags(node.name()), after(node.name()), scene);
    return new Work(run, node.threads());
  }

  private Downstream after(String stage) {
    List<String> next = readers.getOrDefault(stage, List.of());
    if (next.size() == 1 && steps.containsKey(next.get(0)) && !inboxes.containsKey(next.get(0))) {
      return step(next.get(0));
    }
    BitSet fed = Reach.sources(graph, stage);
    List<Link> outgoing = new ArrayList<>();
    for (String reader : next) {
      Link link = new Link(stage, reader, inbox(reader), fed, graph.sources().size());
      links.add(link);
      outgoing.add(link);
    }
    return FanOut.of(outgoing);
  }

  /** Whether a step runs on the thread of the one step before it. */
  private boolean chained(StepNode<?> step) {
    if (step.threads().isPresent() || step.from().size() != 1) {
      return false;
    }
    String from = step.from().get(0);
    return readers.getOrDefault(from, List.of()).size() == 1
        && graph.steps().stream().anyMatch(s -> s.name().equals(from) && s.threads().isEmpty());
  }

  private List<StepRun> chain(StepNode<?> head) {
    List<StepRun> chain = new ArrayList<>();
    StepNode<?> last = head;
    while (last != null) {
      chain.add(step(last.name()));
      String name = last.name();
      last =
          graph.steps().stream()
              .filter(step -> chained(step) && step.from().get(0).equals(name))
              .findFirst()
              .orElse(null);
    }
    return chain;
  }

  /** A queue; all together may hold half of the memory, so that stages behind them can work. */
  private Inbox inbox() {
    long heads = graph.steps().stream().filter(step -> !chained(step)).count();
    long share = scene.limits().memory() / 2 / (heads + graph.sinks().size());
    return new Inbox(scene.limits().queue(), share, graph.sources().size());
  }

  private StepRun step(String name) {
    return Objects.requireNonNull(steps.get(name));
  }

  private Inbox inbox(String name) {
    return Objects.requireNonNull(inboxes.get(name));
  }
}
