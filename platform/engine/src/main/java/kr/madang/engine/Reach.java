package kr.madang.engine;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** Who is fed by whom. */
final class Reach {
  private Reach() {}

  /** The numbers of the sinks that rows of a source can come to. */
  static BitSet sinks(Graph graph, String source) {
    Set<String> fed = new HashSet<>();
    fed.add(source);
    for (Graph.StepNode<?> step : graph.steps()) {
      if (step.from().stream().anyMatch(fed::contains)) {
        fed.add(step.name());
      }
    }
    BitSet sinks = new BitSet();
    for (int i = 0; i < graph.sinks().size(); i++) {
      if (graph.sinks().get(i).from().stream().anyMatch(fed::contains)) {
        sinks.set(i);
      }
    }
    return sinks;
  }
}
