package kr.madang.control.spec;

import java.util.List;
import kr.madang.control.config.Node;
import kr.madang.control.config.Place;
import kr.madang.engine.Graph;

/**
 * One stage of a document.
 *
 * @param kind of stage
 * @param name unique in the pipeline
 * @param from the stages it reads from; none for a source
 * @param use what it is; for a model, which
 * @param config not bound yet
 * @param place where it stands
 * @param path of its config, for errors
 * @param delivery of a sink: how its journal is delivered
 */
public record StageSpec(
    Kind kind,
    String name,
    List<String> from,
    Use use,
    Node config,
    Place place,
    String path,
    Graph.Delivery delivery) {

  /** Makes the list unmodifiable. */
  public StageSpec {
    from = List.copyOf(from);
  }

  /** A source or step. */
  StageSpec(
      Kind kind, String name, List<String> from, Use use, Node config, Place place, String path) {
    this(kind, name, from, use, config, place, path, Graph.Delivery.IN_ORDER);
  }

  /** Kinds of stage. */
  public enum Kind {
    /** Where data comes in. */
    SOURCE("source"),
    /** A step of the platform or a transform of a plugin. */
    STEP("step"),
    /** The step {@code model}. */
    MODEL("model"),
    /** Where data goes out. */
    SINK("sink");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** For people. */
    public String word() {
      return word;
    }
  }
}
