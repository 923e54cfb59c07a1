package kr.madang.sdk.source;

import java.util.List;
import java.util.Optional;
import kr.madang.sdk.StageFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Opens sources of one kind.
 *
 * @param <C> the config
 */
public interface SourceFactory<C> extends StageFactory<C> {

  /**
   * The tags that a source of this config delivers, as far as they are known without the far side.
   * Called before opening; the host marks these tags Bad while the far side is away.
   */
  default List<Tag> tags(C config) throws Exception {
    return List.of();
  }

  /**
   * The schema of the frames that a {@link LogSource} of this config delivers; empty means samples.
   * Called before opening; may look at the far side, a file's header for example.
   */
  default Optional<Schema> frames(C config) throws Exception {
    return Optional.empty();
  }

  /**
   * Opens a source; may block and may fail: a far side that is away is a normal case, the host
   * comes back. Called on the thread that will drive the source.
   */
  Source open(C config, SourceContext context) throws Exception;
}
