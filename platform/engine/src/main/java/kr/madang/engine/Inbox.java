package kr.madang.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * The queue before a thread, bounded in entries and in bytes. Several links may lead into it; one
 * thread takes from it.
 */
final class Inbox {

  /**
   * One entry: a batch, a mark, or both (first the batch, then the mark).
   *
   * @param link the way it came
   * @param mark {@link Link#NO_MARK} for none
   * @param bytes what the batch takes of the memory
   */
  record Item(Link link, @Nullable Batch batch, int source, long mark, long bytes) {
    Item(Link link, @Nullable Batch batch, int source, long mark) {
      this(link, batch, source, mark, batch == null ? 0 : Footprint.of(batch));
    }

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
  private final long memory;
  private final long[] passed;
  private long bytes;
  private int open;
  private boolean finished = true;
  private boolean aborted;

  /**
   * An empty queue.
   *
   * @param memory bytes that may wait; a batch that alone is bigger may still pass
   * @param sources how many sources the pipeline has
   */
  Inbox(int capacity, long memory, int sources) {
    this.capacity = Math.max(1, capacity);
    this.memory = memory;
    this.passed = new long[sources];
  }

  void add(Link link) {
    links.add(link);
    open++;
  }

  /**
   * Blocks while the queue is full. After an abort the rows are dropped and counted; nothing else
   * ends the wait, so that no stray interrupt can cost rows.
   */
  void put(Item item) {
    lock.lock();
    try {
      item.link.emitted += item.rows();
      // Counted as queued at once: a producer that waits here has its rows on this link.
      item.link.queued += item.rows();
      while (full(item) && !aborted) {
        freed.awaitUninterruptibly();
      }
      if (aborted) {
        drop(item);
        return;
      }
      items.add(item);
      bytes += item.bytes;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  private boolean full(Item item) {
    return items.size() >= capacity || (bytes > 0 && bytes + item.bytes > memory);
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
      bytes -= item.bytes;
      item.link.queued -= item.rows();
      item.link.received += item.rows();
      freed.signalAll();
      return links.size() == 1 || item.mark == Link.NO_MARK ? item : merged(item);
    } finally {
      lock.unlock();
    }
  }

  /** Where ways join, a mark counts once it has come on every way that its source leads here. */
  private Item merged(Item item) {
    int source = item.source;
    item.link.marked(source, item.mark);
    long least = Long.MAX_VALUE;
    for (Link link : links) {
      least = Math.min(least, link.marked(source));
    }
    boolean passes = least > passed[source];
    if (passes) {
      passed[source] = least;
    }
    return new Item(item.link, item.batch, source, passes ? least : Link.NO_MARK, item.bytes);
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
      bytes = 0;
      filled.signalAll();
      freed.signalAll();
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
