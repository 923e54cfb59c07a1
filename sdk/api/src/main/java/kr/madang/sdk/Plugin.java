package kr.madang.sdk;

import java.util.List;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;

/**
 * The entry of a plugin, found by {@link java.util.ServiceLoader} (name the class in {@code
 * META-INF/services/kr.madang.sdk.Plugin}). A public no-argument constructor is called once when
 * the plugin is installed, in a throw-away JVM, and once when it is loaded; it must not start
 * anything.
 *
 * <p>Life: constructed → {@link #start} → its factories are used, in any number and order → {@link
 * #stop}. Every call comes on a platform thread that belongs to this plugin and ends with it.
 */
public interface Plugin {

  /**
   * Called once before any factory is used. To refuse, throw a {@link
   * kr.madang.sdk.error.PluginException} whose message a person can act on.
   */
  default void start(PluginContext context) throws Exception {}

  /** Called once after the last stage of this plugin has been closed; interrupted after 10 s. */
  default void stop() throws Exception {}

  /** The sources that this plugin offers; called once after construction. */
  default List<SourceFactory<?>> sources() {
    return List.of();
  }

  /** The transforms that this plugin offers; called once after construction. */
  default List<TransformFactory<?>> transforms() {
    return List.of();
  }

  /** The models that this plugin offers in code; those under {@code models/} need none. */
  default List<ModelFactory> models() {
    return List.of();
  }

  /** The sinks that this plugin offers; called once after construction. */
  default List<SinkFactory<?>> sinks() {
    return List.of();
  }
}
