package kr.madang.plugins.mqtt;

import io.reactivex.FlowableSubscriber;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;

/** Takes all that a flow gives. */
final class Taker<P> implements FlowableSubscriber<P>, Subscription {
  private final Function<P, Message> reading;
  private final Consumer<Message> taker;
  private volatile @Nullable Subscription flow;

  Taker(Function<P, Message> reading, Consumer<Message> taker) {
    this.reading = reading;
    this.taker = taker;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    flow = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(P publish) {
    taker.accept(reading.apply(publish));
  }

  @Override
  public void onError(Throwable error) {
    // The connection says the same.
  }

  @Override
  public void onComplete() {}

  @Override
  public void request(long n) {}

  @Override
  public void cancel() {
    Subscription cancelled = flow;
    if (cancelled != null) {
      cancelled.cancel();
    }
  }
}
