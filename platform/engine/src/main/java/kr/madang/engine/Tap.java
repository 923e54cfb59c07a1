package kr.madang.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.sdk.batch.Batch;

/** A lossy look at what a stage emits. One reader; close it when done. */
public final class Tap implements AutoCloseable {
  private final ArrayBlockingQueue<Batch> queue;
  private final AtomicLong skipped = new AtomicLong();
  private final Runnable remove;
  private boolean closed;

  Tap(int capacity, Runnable remove) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.remove = remove;
  }

  synchronized void offer(Batch batch) {
    if (closed) {
      return;
    }
    Batch retained = batch.retain();
    if (!queue.offer(retained)) {
      retained.close();
      skipped.addAndGet(batch.rows());
    }
  }

  /** The next batch, which the caller closes, or empty after the given time. */
  public Optional<Batch> poll(Duration atMost) throws InterruptedException {
    return Optional.ofNullable(queue.poll(atMost.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Rows that were not kept because the reader was slow. */
  public long skipped() {
    return skipped.get();
  }

  /** Whether the pipeline has ended or the tap was closed; nothing more will come. */
  public synchronized boolean closed() {
    return closed;
  }

  /** Ends the tap. */
  @Override
  public void close() {
    end();
    remove.run();
  }

  synchronized void end() {
    closed = true;
    for (Batch batch = queue.poll(); batch != null; batch = queue.poll()) {
      batch.close();
    }
  }
}
