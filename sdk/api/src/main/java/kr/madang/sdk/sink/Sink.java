package kr.madang.sdk.sink;

import kr.madang.sdk.batch.Batch;

/**
 * Where data goes out.
 *
 * <p>Life: {@link SinkFactory#open} → {@link #write} for each batch, {@link #idle} in quiet times →
 * {@link #finish} if the pipeline drains → {@link #close}. All on one thread of the plugin.
 */
public interface Sink extends AutoCloseable {

  /**
   * Writes a batch and returns when the far side has it (but see {@link #held}). The batch is
   * borrowed. {@link Batch#stream}, {@link Batch#epoch} and {@link Batch#sequence} name each row,
   * so that a row written twice can be recognised: after a crash or a failure the host writes again
   * what the sink may not have had for good, under the same names. A sink is free of duplicates if
   * it keeps the names beside the rows and writes a row only once (a unique key, a file named after
   * them, a transaction that also stores how far it came).
   *
   * <p>Rows that the far side will never take go to {@link SinkContext#reject}. Anything else is an
   * exception: a retriable one makes the host close the sink, open it again after a pause and write
   * the batch once more.
   */
  void write(Batch batch) throws Exception;

  /**
   * The number of the latest rows that the far side does not have for good yet, in a file that is
   * not finished for example. They hold back the acknowledgement of the source.
   */
  default long held() {
    return 0;
  }

  /** Called about once a second while there is nothing to write. */
  default void idle() throws Exception {}

  /** No more rows will come: makes the far side have them all, so that {@link #held} is 0. */
  default void finish() throws Exception {}

  /** Called once, also after an error. Frees everything. */
  @Override
  default void close() throws Exception {}
}
