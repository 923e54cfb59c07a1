package kr.madang.sdk.source;

import java.util.function.Consumer;
import kr.madang.sdk.ProvidedByHost;
import kr.madang.sdk.batch.SampleWriter;

/** Takes what a {@link SubscribedSource} is told. Any thread may call it. */
@ProvidedByHost
public interface SampleEmitter {

  /**
   * Takes some rows as one. Blocks only while everything downstream is full.
   *
   * @param token a number that does not fall from call to call; comes back by {@link
   *     SubscribedSource#accepted}
   * @param rows writes the rows, at once and on this thread
   * @throws InterruptedException when the pipeline stops while the call is blocked; the rows were
   *     not taken
   */
  void emit(long token, Consumer<SampleWriter> rows) throws InterruptedException;

  /** Whether the source should return from {@link SubscribedSource#run}. */
  boolean stopping();

  /** Blocks until the source should return from {@link SubscribedSource#run}. */
  void awaitStop() throws InterruptedException;
}
