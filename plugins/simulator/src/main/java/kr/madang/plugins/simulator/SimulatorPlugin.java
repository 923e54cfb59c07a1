package kr.madang.plugins.simulator;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.source.SourceFactory;

/** The simulated plant as a source of pipelines. */
public final class SimulatorPlugin implements Plugin {

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new SimulatorSource());
  }
}
