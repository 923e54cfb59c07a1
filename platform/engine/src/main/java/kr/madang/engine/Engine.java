package kr.madang.engine;

import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;

/** Starts and checks pipelines. Methods may be called from any thread. */
public final class Engine {
  private final EngineOptions options;

  /** An engine that runs nothing yet. */
  public Engine(EngineOptions options) {
    this.options = options;
  }

  /**
   * Opens every step for the schema before it and closes it again, without starting anything. May
   * block: sources may look at the far side to know their schema.
   *
   * @return the schema that each source and step emits, by stage name
   * @throws kr.madang.sdk.error.PluginException that names the first stage that does not fit
   */
  public Map<String, Schema> check(Graph graph) {
    return Map.of();
  }

  /** Starts a pipeline and returns at once; what goes wrong shows in its status. */
  public Pipeline start(Graph graph) {
    return new Pipeline(graph, options);
  }
}
