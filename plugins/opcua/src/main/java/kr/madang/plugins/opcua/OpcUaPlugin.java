package kr.madang.plugins.opcua;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.source.SourceFactory;

/** The entry of the OPC UA plugin. Threads belong to the connections of its sources. */
public final class OpcUaPlugin implements Plugin {
  /** Called by the service loader. */
  public OpcUaPlugin() {}

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new OpcUaSource());
  }

  @Override
  public void stop() throws Exception {
    SoftCaches.refresh();
  }
}
