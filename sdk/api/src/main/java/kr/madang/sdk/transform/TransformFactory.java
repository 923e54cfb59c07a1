package kr.madang.sdk.transform;

import kr.madang.sdk.StageFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Opens steps of one kind.
 *
 * @param <C> the config
 */
public interface TransformFactory<C> extends StageFactory<C> {

  /**
   * Opens a step for input of a schema. A misfit is a {@link kr.madang.sdk.error.PluginException}
   * of {@code SCHEMA_MISFIT} that names the field, what was expected and what is there. Also called
   * to check a pipeline that is not started; then the step is closed at once.
   */
  Transform open(C config, Schema in, TransformContext context) throws Exception;
}
