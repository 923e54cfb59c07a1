package kr.madang.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/** The bounded queue before a thread. Several links may lead into it; one thread takes from it. */
final class Inbox {

  /**
   * One entry: a batch, a mark, or both (first the batch, then the mark).
   *
   * @param link the way it came
   * @param mark {@link Link#NO_MARK} for none
   */
  record Item(Link link, @Nullable Batch batch, int source, long mark) {
    int rows() {
      return batch == null ? 0 : batch.rows();
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition freed = lock.newCondition();
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private final List<Link> links = new ArrayList<>();
  private final int capacity;
  private int open;
  private boolean finished = true;
  private boolean aborted;

  Inbox(int capacity) {
    this.capacity = capacity;
  }

  void add(Link link) {
    links.add(link);
    open++;
  }

  /** Blocks while the queue is full. After an abort the rows are dropped and counted. */
  void put(Item item) throws InterruptedException {
    lock.lock();
    try {
      item.link.emitted += item.rows();
      // Counted as queued at once: a producer that waits here has its rows on this link.
      item.link.queued += item.rows();
      try {
        while (items.size() >= capacity && !aborted) {
          freed.await();
        }
      } catch (InterruptedException e) {
        drop(item);
        throw e;
      }
      if (aborted) {
        drop(item);
        return;
      }
      items.add(item);
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next entry, or null after the given time or when {@link #ended}. */
  @Nullable Item poll(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (items.isEmpty()) {
        if (open == 0 || aborted || left <= 0) {
          return null;
        }
        left = filled.awaitNanos(left);
      }
      Item item = items.remove();
      item.link.queued -= item.rows();
      item.link.received += item.rows();
      freed.signal();
      return item;
    } finally {
      lock.unlock();
    }
  }

  /** One of the producers has ended. */
  void end(boolean finished) {
    lock.lock();
    try {
      open--;
      this.finished &= finished;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing is left and nothing will come. */
  boolean ended() {
    lock.lock();
    try {
      return aborted || (open == 0 && items.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Whether all producers came to their end by themselves. */
  boolean finished() {
    lock.lock();
    try {
      return finished && !aborted;
    } finally {
      lock.unlock();
    }
  }

  /** Throws everything away that is queued and will come; counted as dropped. */
  void abort() {
    lock.lock();
    try {
      aborted = true;
      items.forEach(this::drop);
      items.clear();
      filled.signalAll();
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many entries wait. */
  int depth() {
    lock.lock();
    try {
      return items.size();
    } finally {
      lock.unlock();
    }
  }

  Ledger.Link account(Link link) {
    lock.lock();
    try {
      return new Ledger.Link(
          link.from, link.to, link.emitted, link.received, link.dropped, link.queued);
    } finally {
      lock.unlock();
    }
  }

  private void drop(Item item) {
    item.link.queued -= item.rows();
    item.link.dropped += item.rows();
    if (item.batch != null) {
      item.batch.close();
    }
  }
}
