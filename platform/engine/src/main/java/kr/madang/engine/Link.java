package kr.madang.engine;

import java.util.Arrays;
import java.util.BitSet;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * The way from one stage to another on another thread. Used by the producer's thread; the counters
 * are guarded by the inbox. The last batch is kept back until it is known whether a mark goes with
 * it, so that a batch and its mark cost one entry of the queue.
 */
final class Link implements Downstream {
  static final long NO_MARK = -1;

  final String from;
  final String to;
  private final Inbox inbox;
  private final long[] marks;
  private @Nullable Batch pending;
  private boolean ended;

  long emitted;
  long received;
  long dropped;
  long queued;

  /** A way on which come the rows of the given ones of so many sources. */
  Link(String from, String to, Inbox inbox, BitSet fed, int sources) {
    this.from = from;
    this.to = to;
    this.inbox = inbox;
    this.marks = new long[sources];
    Arrays.setAll(marks, source -> fed.get(source) ? 0 : Long.MAX_VALUE);
    inbox.add(this);
  }

  @Override
  public void data(Batch batch) {
    Batch before = pending;
    pending = batch;
    if (before != null) {
      inbox.put(new Inbox.Item(this, before, 0, NO_MARK));
    }
  }

  @Override
  public void mark(int source, long number) {
    Batch with = pending;
    pending = null;
    inbox.put(new Inbox.Item(this, with, source, number));
  }

  @Override
  public void settle() {
    Batch before = pending;
    pending = null;
    if (before != null) {
      inbox.put(new Inbox.Item(this, before, 0, NO_MARK));
    }
  }

  @Override
  public void end(boolean finished) {
    if (!ended) {
      ended = true;
      settle();
      inbox.end(finished);
    }
  }

  /** The last mark of a source that came this way; endless for a source that does not. */
  long marked(int source) {
    return marks[source];
  }

  void marked(int source, long number) {
    marks[source] = number;
  }

  /** Drops what is queued and what will come. */
  void abort() {
    inbox.abort();
  }

  Ledger.Link account() {
    return inbox.account(this);
  }
}
