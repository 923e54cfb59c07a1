package kr.madang.sdk.source;

/** A source that tells you: OPC UA, MQTT. */
public non-sealed interface SubscribedSource extends Source {

  /**
   * Subscribes, then stays until told to stop ({@link SampleEmitter#awaitStop} returns, or the
   * thread is interrupted) or until the connection is lost, which it says by an exception. Called
   * once.
   */
  void run(SampleEmitter out) throws Exception;

  /**
   * All rows emitted with this token and before have been accepted; now they may be acknowledged to
   * the far side. Called on another thread of the plugin, in the order of the tokens, not for every
   * token; never after {@link #close}.
   */
  default void accepted(long token) throws Exception {}
}
