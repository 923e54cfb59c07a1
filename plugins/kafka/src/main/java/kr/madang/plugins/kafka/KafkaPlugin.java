package kr.madang.plugins.kafka;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;

/** The plugin {@code kafka}. */
public final class KafkaPlugin implements Plugin {
  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new KafkaSource());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new KafkaSink());
  }
}
