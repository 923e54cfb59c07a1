package kr.madang.control.inlet;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.sdk.source.SourceFactory;

/** The sources that run and take rows from outside. Any thread. */
public final class Inlets {
  private final Map<String, Inlet> open = new ConcurrentHashMap<>();

  /** None yet. */
  public Inlets() {}

  /** What pipelines name as {@code use: flight}. */
  public SourceFactory<?> source() {
    return new PushedSource(this);
  }

  /** A source, if it runs and is of this kind. */
  public Optional<Inlet> find(String workspace, String pipeline, String source) {
    return Optional.ofNullable(open.get(workspace + "/" + pipeline + "/" + source));
  }

  void opened(String name, Inlet inlet) {
    open.put(name, inlet);
  }

  void closed(String name, Inlet inlet) {
    open.remove(name, inlet);
  }
}
