package kr.madang.control;

import java.util.List;
import java.util.Optional;
import kr.madang.control.spec.StageSpec;
import kr.madang.engine.Graph;
import kr.madang.host.PluginRef;
import kr.madang.sdk.StageFactory;

/** What became of a document's names. */
sealed interface Resolution {

  /**
   * Everything was found and bound.
   *
   * @param holds to be closed after use
   */
  record Ready(Graph graph, List<PipelineView.Pin> pins, List<Placed<?>> stages, Holds holds)
      implements Resolution {}

  /** Something is missing that may come. */
  record Parked(String reason) implements Resolution {}

  /**
   * A stage that was found.
   *
   * @param plugin whose it is; empty for one of the platform
   */
  record Placed<C>(StageSpec spec, Optional<PluginRef> plugin, StageFactory<C> factory, C config) {}
}
