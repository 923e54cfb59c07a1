package kr.madang.engine;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** Who is fed by whom. */
final class Reach {
  private Reach() {}

  /** The numbers of the sources whose rows can come out of a source or step. */
  static BitSet sources(Graph graph, String stage) {
    BitSet sources = new BitSet();
    for (int i = 0; i < graph.sources().size(); i++) {
      if (fed(graph, graph.sources().get(i).name()).contains(stage)) {
        sources.set(i);
      }
    }
    return sources;
  }

  /** The numbers of the sinks that rows of a source can come to. */
  static BitSet sinks(Graph graph, String source) {
    Set<String> fed = fed(graph, source);
    BitSet sinks = new BitSet();
    for (int i = 0; i < graph.sinks().size(); i++) {
      if (graph.sinks().get(i).from().stream().anyMatch(fed::contains)) {
        sinks.set(i);
      }
    }
    return sinks;
  }

  /** A source and the steps that its rows can come to. */
  private static Set<String> fed(Graph graph, String source) {
    Set<String> fed = new HashSet<>();
    fed.add(source);
    for (Graph.StepNode<?> step : graph.steps()) {
      if (step.from().stream().anyMatch(fed::contains)) {
        fed.add(step.name());
      }
    }
    return fed;
  }
}
