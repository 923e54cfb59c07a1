package kr.madang.sdk;

/**
 * What every kind of stage has in common: a name, a title and a config. A factory has no state and
 * may be used by many threads at once.
 *
 * @param <C> the config, a record whose components carry the annotations of {@link
 *     kr.madang.sdk.config}
 */
public interface StageFactory<C> {

  /** The name that pipelines say; matches {@code [a-z0-9][a-z0-9._-]{0,62}}. */
  String name();

  /** One line for people. */
  default String title() {
    return name();
  }

  /** The record that holds the config. */
  Class<C> config();

  /**
   * Checks a config step by step against the live system before anything is started. Called on a
   * thread of the plugin whenever an operator asks; interrupted when the operator stops waiting.
   */
  default void verify(C config, Verification verification) throws Exception {}
}
