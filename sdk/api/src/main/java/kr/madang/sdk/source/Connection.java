package kr.madang.sdk.source;

/**
 * A transport to a far side that several sources of a plugin may share; opened through {@link
 * SourceContext#connection}. Its methods may be called on any thread of the plugin.
 */
public interface Connection extends AutoCloseable {

  /** Whether it can still be used; must not block. A dead one is given to nobody any more. */
  boolean alive();

  /** Called once, when the last source that uses it is closed. Frees everything. */
  @Override
  void close() throws Exception;
}
