package kr.madang.sdk.testkit;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Drives one life of a sink as the host does: all calls come on one thread of the plugin. A call
 * that takes longer than the patience of the threads is interrupted and fails.
 *
 * @param <C> the config
 */
public final class SinkDriver<C> implements AutoCloseable {
  private final PluginThreads threads;
  private final LinkedBlockingQueue<FutureTask<?>> calls = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean over;
  private volatile @Nullable Sink sink;

  private SinkDriver(PluginThreads threads) {
    this.threads = threads;
    thread = threads.start("driver", this::live);
  }

  /** Opens a sink, and throws what opening threw. */
  public static <C> SinkDriver<C> open(
      SinkFactory<C> factory, C config, Schema in, SinkContext context, PluginThreads threads)
      throws Exception {
    SinkDriver<C> driver = new SinkDriver<>(threads);
    try {
      driver.sink = driver.call("open", () -> factory.open(config, in, context));
      return driver;
    } catch (Throwable e) {
      driver.end();
      throw e;
    }
  }

  private void live() {
    while (!over || !calls.isEmpty()) {
      try {
        FutureTask<?> call = calls.poll(5, TimeUnit.MILLISECONDS);
        if (call != null) {
          call.run();
        }
      } catch (InterruptedException e) {
        // Meant for a call that has ended by itself.
      }
    }
  }

  private <T> T call(String what, Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    calls.add(task);
    try {
      return task.get(threads.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw e;
      }
    } catch (TimeoutException e) {
      String where = PluginThreads.where(thread);
      thread.interrupt();
      throw new AssertionError(
          what + " took longer than " + threads.patience() + "; it is " + where, e);
    }
  }

  /** The open sink. */
  public Sink sink() {
    Sink open = sink;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }

  /** Writes a batch. */
  public void write(Batch batch) throws Exception {
    call(
        "write",
        () -> {
          sink().write(batch);
          return true;
        });
  }

  /** Says that nothing is to be written at the moment. */
  public void idle() throws Exception {
    call(
        "idle",
        () -> {
          sink().idle();
          return true;
        });
  }

  /** Says that no more rows will come. */
  public void finish() throws Exception {
    call(
        "finish",
        () -> {
          sink().finish();
          return true;
        });
  }

  /** The number of the latest rows that the far side does not have for good. */
  public long held() throws Exception {
    return call("held", () -> sink().held());
  }

  /** Interrupts the call under way. */
  public void interrupt() {
    thread.interrupt();
  }

  private void end() throws InterruptedException {
    over = true;
    if (!threads.join(thread)) {
      throw new AssertionError("a call does not end, though it was interrupted");
    }
  }

  /** Closes the sink, and throws what closing threw. */
  @Override
  public void close() throws Exception {
    try {
      call(
          "close",
          () -> {
            sink().close();
            return true;
          });
    } finally {
      end();
    }
  }
}
