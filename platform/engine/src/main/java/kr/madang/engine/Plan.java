package kr.madang.engine;

import java.util.List;
import java.util.concurrent.ThreadFactory;

/** The stages of a pipeline, linked and ready to run. */
interface Plan {

  /**
   * Something to run on a thread of its own.
   *
   * @param threads makes the thread
   */
  record Work(Runnable run, ThreadFactory threads) {}

  /** What to run: sinks first, sources last, so that nothing is emitted before it can be taken. */
  List<Work> work() throws Exception;

  /** The rows on the ways between threads. */
  List<Ledger.Link> links();

  /** Frees everything; only if nothing of it runs or will. */
  void discard();

  /** Drops what is under way in memory, and lets nobody wait for room. */
  void abort();
}
