package kr.madang.plugins.mqtt;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Messages between the thread of the connection, which waits while the box is full and so reads
 * nothing from the broker, and the thread of the source.
 */
final class Inbox {
  private static final long GATHER_NANOS = 1_000_000;

  private final int most;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private long bytes;
  private boolean waiting;
  private boolean full;
  private boolean closed;

  Inbox(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  /** Puts a message in; one that comes after {@link #close} is dropped and never acknowledged. */
  void put(Message message) {
    lock.lock();
    try {
      while (!closed && (messages.size() >= most || bytes >= mostBytes)) {
        full = true;
        room.awaitUninterruptibly();
      }
      if (closed) {
        return;
      }
      messages.add(message);
      bytes += message.payload().length;
      if (waiting) {
        waiting = false;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes messages out, waiting for the first. */
  void take(List<Message> into, int atMost, long waitMillis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (messages.isEmpty() && !closed) {
        waiting = true;
        boolean came = changed.await(waitMillis, TimeUnit.MILLISECONDS);
        waiting = false;
        if (came && !closed && messages.size() < atMost) {
          // More are likely on their way; to wake for each would cost more than to read it.
          gather();
        }
      }
      for (int i = 0; i < atMost; i++) {
        Message message = messages.poll();
        if (message == null) {
          break;
        }
        bytes -= message.payload().length;
        into.add(message);
      }
      if (full) {
        full = false;
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void gather() throws InterruptedException {
    long left = GATHER_NANOS;
    while (left > 0 && !closed) {
      left = changed.awaitNanos(left);
    }
  }

  /** Wakes who waits for a message. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets go whoever waits; nothing goes in any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      messages.clear();
      changed.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
