package kr.madang.engine;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;
import org.jspecify.annotations.Nullable;

/**
 * One life of a subscribed source. What it emits gathers in a writer; a second thread of the plugin
 * brings it on the way, many rows at a time when there are many, tells the source what was
 * accepted, and interrupts a source that does not return when it is told to.
 */
final class Subscription implements SampleEmitter {
  private static final int ROWS = 8_192;
  private static final long TURN = TimeUnit.MILLISECONDS.toNanos(20);

  /** Brings a batch on the way. */
  interface Accept {
    void accept(Batch batch, @Nullable Position position, long token) throws InterruptedException;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread runner = Thread.currentThread();
  private final SubscribedSource source;
  private final SampleWriter writer;
  private final Scene scene;
  private final ThreadFactory threads;
  private final Acceptance acceptance;
  private final Accept accept;
  private @Nullable Batch whole;
  private long token = Long.MIN_VALUE;
  private boolean emitted;
  private boolean over;
  private boolean returned;
  private boolean hurried;
  private long overdue;
  private @Nullable Throwable failure;

  Subscription(
      SubscribedSource source,
      SampleWriter writer,
      Scene scene,
      ThreadFactory threads,
      Acceptance acceptance,
      Accept accept) {
    this.source = source;
    this.writer = writer;
    this.scene = scene;
    this.threads = threads;
    this.acceptance = acceptance;
    this.accept = accept;
  }

  /** Runs the source until it returns; what it emitted is on the way then. */
  void run() throws Exception {
    Thread pump = threads.newThread(this::pump);
    pump.start();
    try {
      source.run(this);
    } catch (InterruptedException e) {
      if (!hurried || scene.aborted().stopped()) {
        throw e;
      }
    } finally {
      end(pump);
    }
    switch (failure) {
      case Exception thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case null, default -> {}
    }
  }

  /** Whether the source has given anything in this life. */
  boolean emitted() {
    return emitted;
  }

  /** The writer is free again only when the second thread has ended. */
  private void end(Thread pump) {
    lock.lock();
    try {
      over = true;
      returned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    Thread.interrupted(); // The source is back: what was meant for it must not end the wait.
    while (pump.isAlive()) {
      try {
        pump.join();
      } catch (InterruptedException _) {
        pump.interrupt();
      }
    }
    if (whole != null) {
      whole.close();
      whole = null;
    }
  }

  private void pump() {
    try {
      while (bring()) {
        acceptance.deliver(source);
        hurry();
      }
    } catch (Throwable e) {
      fail(e);
      while (!hurry()) {
        lock.lock();
        try {
          awaitTurn();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /** Brings on the way what was emitted; false when nothing will come any more. */
  private boolean bring() throws InterruptedException {
    Batch batch = null;
    long upTo = 0;
    lock.lock();
    try {
      if (whole == null && writer.rows() == 0) {
        if (over) {
          return false;
        }
        awaitTurn();
      }
      if (whole != null) {
        batch = whole;
        whole = null;
      } else if (writer.rows() > 0) {
        batch = writer.take();
      }
      if (batch != null) {
        upTo = token;
        emitted = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    if (batch != null) {
      accept.accept(batch, null, upTo);
    }
    return true;
  }

  private void awaitTurn() {
    try {
      changed.awaitNanos(TURN);
    } catch (InterruptedException _) {
      // Whether to end is seen by other means.
    }
  }

  /** Interrupts, once, a source that should have returned long ago; true when it has returned. */
  private boolean hurry() {
    lock.lock();
    try {
      if (!returned && !hurried && (over || scene.stopping().stopped())) {
        long now = System.nanoTime();
        if (overdue == 0) {
          overdue = now + scene.limits().timeout().toNanos();
        } else if (now - overdue > 0) {
          hurried = true;
          runner.interrupt();
        }
      }
      return returned;
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable thrown) {
    lock.lock();
    try {
      failure = thrown;
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void emit(long token, Consumer<SampleWriter> rows) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while ((whole != null || writer.rows() >= ROWS) && !over) {
        changed.await();
      }
      if (over) {
        throw new InterruptedException("the subscription is over");
      }
      if (token < this.token) {
        throw new IllegalArgumentException(
            "token " + token + " comes after " + this.token + "; tokens must not fall");
      }
      writer.receivedAt(scene.nanos());
      int before = writer.rows();
      try {
        rows.accept(writer);
      } catch (Throwable e) {
        keepFirst(before);
        throw e;
      }
      this.token = token;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The rows of one call are taken as one or not at all. */
  private void keepFirst(int rows) {
    if (writer.rows() == rows) {
      return;
    }
    if (rows == 0) {
      writer.clear();
      return;
    }
    try (Batch all = writer.take()) {
      Batch held = all.retain();
      try {
        whole = Batch.of(all.root().slice(0, rows), all.dictionaries(), held::close);
      } catch (Throwable e) {
        held.close();
        throw e;
      }
    } catch (Throwable e) {
      // None of this life's rows is acknowledged then: the far side gives them again.
      writer.clear();
      fail(e);
    }
  }

  @Override
  public boolean stopping() {
    lock.lock();
    try {
      return over || scene.stopping().stopped();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitStop() throws InterruptedException {
    while (!stopping()) {
      scene.stopping().pause(Duration.ofMillis(50));
    }
  }
}
