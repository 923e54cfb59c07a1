package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Messages under way: so many at most, and the first that failed. */
final class Window {
  private final Transport transport;
  private final int most;
  private final Duration timeout;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Window(Transport transport, int most, Duration timeout) {
    this.transport = transport;
    this.most = most;
    this.timeout = timeout;
    free = new Semaphore(most);
  }

  /** Sends, waiting for a place. */
  void send(Outgoing message) throws InterruptedException {
    take(1);
    CompletableFuture<?> sent;
    try {
      sent = transport.publish(message);
    } catch (RuntimeException e) {
      free.release();
      throw e;
    }
    sent.whenComplete((_, error) -> {
      if (error != null) {
        failure.compareAndSet(null, error);
      }
      free.release();
    });
  }

  /** Waits until the broker has all. */
  void drain() throws InterruptedException {
    take(most);
    free.release(most);
    check();
  }

  private void take(int places) throws InterruptedException {
    check();
    long end = System.nanoTime() + timeout.toNanos();
    int before = free.availablePermits();
    while (!free.tryAcquire(places, Math.min(100, timeout.toMillis()), TimeUnit.MILLISECONDS)) {
      check();
      transport.check();
      int now = free.availablePermits();
      if (now > before) {
        end = System.nanoTime() + timeout.toNanos(); // It moves.
      } else if (System.nanoTime() > end) {
        throw new PluginException(
            ErrorCode.TIMEOUT,
            transport.target()
                + " acknowledged nothing within "
                + Troubles.text(timeout)
                + "; "
                + (most - now)
                + " messages are under way");
      }
      before = now;
    }
  }

  private void check() {
    Throwable error = failure.get();
    if (error != null) {
      transport.check();
      throw Troubles.unsent(transport.target(), error);
    }
  }
}
