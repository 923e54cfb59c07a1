package kr.madang.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadFactory;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A step of a plugin, called on a thread of the plugin while the caller waits. An interrupt of the
 * caller is passed on.
 */
final class Hand implements Transform {
  private final Transform step;
  private final LinkedTransferQueue<FutureTask<?>> tasks = new LinkedTransferQueue<>();
  private final Thread thread;
  private boolean started;
  private boolean closed;
  private volatile long held;

  Hand(Transform step, ThreadFactory threads) {
    this.step = step;
    this.thread = threads.newThread(this::work);
  }

  private void work() {
    while (true) {
      try {
        FutureTask<?> task = tasks.take();
        task.run();
        Thread.interrupted(); // One that the plugin left behind.
        if (closed) {
          return;
        }
      } catch (InterruptedException _) {
        // Nobody but the caller ends this thread.
      }
    }
  }

  private <T> T call(Callable<T> callable) throws Exception {
    FutureTask<T> task = new FutureTask<>(callable);
    tasks.put(task);
    if (!started) {
      started = true;
      thread.start();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException _) {
          interrupted = true;
          thread.interrupt();
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case Exception thrown -> throw thrown;
            case Error thrown -> throw thrown;
            case null, default -> throw e;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public Schema schema() {
    return step.schema();
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws Exception {
    call(() -> {
      step.apply(in, out);
      held = step.held();
      return true;
    });
  }

  @Override
  public void flush(BatchOutput out) throws Exception {
    call(() -> {
      step.flush(out);
      held = step.held();
      return true;
    });
  }

  @Override
  public long held() {
    return held;
  }

  @Override
  public void save(StateOutput out) throws Exception {
    call(() -> {
      step.save(out);
      return true;
    });
  }

  @Override
  public void restore(StateInput in) throws Exception {
    call(() -> {
      step.restore(in);
      held = step.held();
      return true;
    });
  }

  /** Ends the thread; the step itself is closed by somebody else. */
  void leave() {
    if (started) {
      tasks.put(new FutureTask<>(() -> closed = true));
    }
  }

  @Override
  public void close() throws Exception {
    call(() -> {
      closed = true;
      step.close();
      return true;
    });
  }
}
