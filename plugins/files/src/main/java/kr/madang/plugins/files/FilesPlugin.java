package kr.madang.plugins.files;

import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;

/** The entry: a source and a sink, both called {@code files}. */
public final class FilesPlugin implements Plugin {
  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new FilesSource());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new FilesSink());
  }
}
