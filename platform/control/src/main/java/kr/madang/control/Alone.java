package kr.madang.control;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.host.HostError;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Examinations, one at a time, each on a thread of its own and waited for so long. Any thread. */
final class Alone {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final ThreadFactory threads;
  private final Semaphore one = new Semaphore(1);

  Alone(ThreadFactory threads) {
    this.threads = threads;
  }

  /** Takes the turn, until {@link #give}; false if others have it for longer. */
  boolean take(Duration patience) {
    try {
      return one.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Gives the turn back. */
  void give() {
    one.release();
  }

  /**
   * Does some work when it is its turn, and waits for it.
   *
   * @param model for messages
   * @throws PluginException what the work threw; EXHAUSTED while others work; STORAGE when the disk
   *     is full; CONFIG_INVALID if it takes too long: the turn is then over when the work is
   */
  <T> T work(String model, Callable<T> work) {
    if (!take(PATIENCE)) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "other models have been examined for " + PATIENCE.toSeconds() + " s: try again later");
    }
    FutureTask<T> task = new FutureTask<>(work);
    threads
        .newThread(() -> {
          try {
            task.run();
          } finally {
            give();
          }
        })
        .start();
    try {
      return task.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was examined", e);
    } catch (TimeoutException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s could not be examined within %d s".formatted(model, LONGEST.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case PluginException known -> known;
        case IOException disk ->
            new PluginException(
                HostError.STORAGE,
                "model %s could not be made ready: %s; check the space on the disk"
                    .formatted(model, disk),
                disk);
        case null, default -> new PluginException(ErrorCode.BUG, String.valueOf(e.getCause()), e);
      };
    }
  }
}
