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
 * brings it on the way, many rows at a time when there are many, and tells the source what was
 * accepted.
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
  private final SubscribedSource source;
  private final SampleWriter writer;
  private final Scene scene;
  private final ThreadFactory threads;
  private final Acceptance acceptance;
  private final Accept accept;
  private long token;
  private boolean over;
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
    } finally {
      lock.lock();
      try {
        over = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      pump.join();
    }
    Throwable thrown = failure;
    if (thrown instanceof Exception exception) {
      throw exception;
    }
  }

  private void pump() {
    try {
      while (true) {
        Batch batch = null;
        long upTo = 0;
        lock.lock();
        try {
          if (writer.rows() == 0) {
            if (over) {
              return;
            }
            changed.awaitNanos(TURN);
          }
          if (writer.rows() > 0) {
            batch = writer.take();
            upTo = token;
            changed.signalAll();
          }
        } finally {
          lock.unlock();
        }
        if (batch != null) {
          accept.accept(batch, null, upTo);
        }
        acceptance.deliver(source);
      }
    } catch (Exception | LinkageError e) {
      lock.lock();
      try {
        failure = e;
        over = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void emit(long token, Consumer<SampleWriter> rows) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (writer.rows() >= ROWS && !over) {
        changed.await();
      }
      if (over) {
        throw new InterruptedException("the subscription is over");
      }
      writer.receivedAt(scene.nanos());
      rows.accept(writer);
      this.token = token;
      changed.signalAll();
    } finally {
      lock.unlock();
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
