package kr.madang.plugins.mqtt;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;

/** The entry of the MQTT plugin. Threads belong to connections, so there is nothing to start. */
public final class MqttPlugin implements Plugin {
  /** Called by the service loader. */
  public MqttPlugin() {}

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new MqttSource(), new SparkplugSource());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new MqttSink(), new SparkplugSink());
  }
}
