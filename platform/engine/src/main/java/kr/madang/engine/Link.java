package kr.madang.engine;

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
  private @Nullable Batch pending;

  long emitted;
  long received;
  long dropped;
  long queued;

  Link(String from, String to, Inbox inbox) {
    this.from = from;
    this.to = to;
    this.inbox = inbox;
    inbox.add(this);
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    Batch before = pending;
    pending = batch;
    if (before != null) {
      inbox.put(new Inbox.Item(this, before, 0, NO_MARK));
    }
  }

  @Override
  public void mark(int source, long number) throws InterruptedException {
    Batch with = pending;
    pending = null;
    inbox.put(new Inbox.Item(this, with, source, number));
  }

  @Override
  public void settle() throws InterruptedException {
    Batch before = pending;
    pending = null;
    if (before != null) {
      inbox.put(new Inbox.Item(this, before, 0, NO_MARK));
    }
  }

  @Override
  public void end(boolean finished) throws InterruptedException {
    settle();
    inbox.end(finished);
  }

  /** Drops what is queued and what will come. */
  void abort() {
    inbox.abort();
  }

  Ledger.Link account() {
    return inbox.account(this);
  }
}
