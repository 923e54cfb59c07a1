package kr.madang.plugins.mqtt;

import io.reactivex.Single;
import io.reactivex.disposables.Disposable;
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

  /**
   * Subscribes to a single and maps its result; {@code mend} may turn an error into one, or answers
   * null. Cancelling ends the single too, which else would hold the event loop.
   */
  static <A, B> CompletableFuture<B> of(
      Single<A> single, Function<A, B> good, Function<Throwable, @Nullable B> mend) {
    CompletableFuture<B> future = new CompletableFuture<>();
    Disposable running =
        single.subscribe(
            value -> future.complete(good.apply(value)),
            error -> {
              B mended = mend.apply(error);
              if (mended != null) {
                future.complete(mended);
              } else {
                future.completeExceptionally(error);
              }
            });
    future.whenComplete((_, _) -> running.dispose());
    return future;
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
