package kr.madang.plugins.jdbc;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;

/** The plugin {@code jdbc}. */
public final class JdbcPlugin implements Plugin {
  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new JdbcSource());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new JdbcSink());
  }

  @Override
  public void stop() {
    Drivers.forget();
  }
}
