package kr.madang.sdk.source;

/**
 * Where data comes in; one of three kinds, which the host drives to the same stream.
 *
 * <p>Life: {@link SourceFactory#open} → its driving methods → {@link #close}, all on one thread of
 * the plugin unless a method says otherwise. A source that throws is closed and, where the error
 * can pass, opened again after a growing, jittered pause; until then the host writes a Bad sample
 * for each of its tags, so that nobody takes an old value for a fresh one.
 */
public sealed interface Source extends AutoCloseable
    permits PolledSource, SubscribedSource, LogSource {

  /** Called once, also after an error. Frees everything; must return within 10 s. */
  @Override
  default void close() throws Exception {}
}
