package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Small helps with futures. */
final class Futures {
  private Futures() {}

  /** Maps a result; {@code mend} may turn an error into one, or answers null. */
  static <A, B> CompletableFuture<B> map(
      CompletableFuture<A> from, Function<A, B> good, Function<Throwable, @Nullable B> mend) {
    CompletableFuture<B> to = new CompletableFuture<>();
    from.whenComplete((value, error) -> {
      if (error == null) {
        to.complete(good.apply(value));
        return;
      }
      B mended = mend.apply(root(error));
      if (mended != null) {
        to.complete(mended);
      } else {
        to.completeExceptionally(root(error));
      }
    });
    to.whenComplete((_, _) -> {
      if (to.isCancelled()) {
        from.cancel(true);
      }
    });
    return to;
  }

  /** Waits; what fails is thrown as it is. */
  static <T> T await(CompletableFuture<T> future, Duration timeout)
      throws InterruptedException, TimeoutException, Throwable {
    try {
      return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw root(e);
    }
  }

  static Throwable root(Throwable error) {
    Throwable at = error;
    while ((at instanceof CompletionException || at instanceof ExecutionException)
        && at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }
}
