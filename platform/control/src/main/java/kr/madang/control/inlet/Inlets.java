package kr.madang.control.inlet;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.sdk.source.SourceFactory;

/** The sources that run and take rows from outside. Any thread. */
public final class Inlets {
  private final Map<String, Inlet> open = new ConcurrentHashMap<>();
  private final Set<String> known = ConcurrentHashMap.newKeySet();

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

  /** Whether a source is of this kind and was open before, so that it may well be again. */
  public boolean knows(String workspace, String pipeline, String source) {
    return known.contains(workspace + "/" + pipeline + "/" + source);
  }

  /** A pipeline is gone. */
  public void forget(String workspace, String pipeline) {
    known.removeIf(name -> name.startsWith(workspace + "/" + pipeline + "/"));
  }

  void opened(String name, Inlet inlet) {
    known.add(name);
    open.put(name, inlet);
  }

  void closed(String name, Inlet inlet) {
    open.remove(name, inlet);
  }
}
