package kr.madang.sdk.sink;

import kr.madang.sdk.StageFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Opens sinks of one kind.
 *
 * @param <C> the config
 */
public interface SinkFactory<C> extends StageFactory<C> {

  /**
   * Checks that rows of a schema can be written, without touching the far side; a misfit is a
   * {@link kr.madang.sdk.error.PluginException} of {@code SCHEMA_MISFIT}.
   */
  default void check(C config, Schema in) throws Exception {}

  /**
   * Opens a sink; may block and may fail: a far side that is away is a normal case, the host comes
   * back. Called on the thread that will drive the sink.
   */
  Sink open(C config, Schema in, SinkContext context) throws Exception;
}
