package kr.madang.engine;

import kr.madang.sdk.batch.Batch;

/** What stands after a stage: the next step on the same thread, or links to other threads. */
interface Downstream {

  /** Takes a batch over. */
  void data(Batch batch) throws InterruptedException;

  /** Everything that comes of the source's batches up to this number has been given on. */
  void mark(int source, long number) throws InterruptedException;

  /** Lets nothing linger: the caller is about to wait. */
  void settle() throws InterruptedException;

  /** Nothing more comes. {@code finished}: the sources came to their end by themselves. */
  void end(boolean finished) throws InterruptedException;
}
