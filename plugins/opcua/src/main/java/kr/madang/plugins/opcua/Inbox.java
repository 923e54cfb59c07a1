package kr.madang.plugins.opcua;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.jspecify.annotations.Nullable;

/**
 * What has come for the thread that runs a source. As many letters can lie here as there were
 * questions. What belongs to a connection that was given up is thrown away.
 */
final class Inbox {
  private static final long TURN_MILLIS = 50;

  /** Something that came. */
  sealed interface Letter {}

  /** A message of a subscription. */
  record Answer(PublishResponse response) implements Letter {}

  /**
   * What came instead of a message.
   *
   * @param made subscriptions made so far when the question was sent
   */
  record Failure(Throwable failure, int made) implements Letter {}

  /** The connection has gone. */
  record Ended() implements Letter {}

  private record Dated(long age, Letter letter) {}

  private final LinkedBlockingQueue<Dated> letters = new LinkedBlockingQueue<>();
  // Read by I/O threads only to date their letters.
  private volatile long age;
  private @Nullable Wire watched;
  private @Nullable Runnable onEnd;

  /** Forgets all that came so far and that is on its way. */
  void renew() {
    age++;
    letters.clear();
  }

  /** Is told when a connection has gone. */
  void watch(Wire wire) {
    forget();
    long now = age;
    Runnable listener = () -> letters.add(new Dated(now, new Ended()));
    watched = wire;
    onEnd = listener;
    wire.onEnd(listener);
  }

  /** Is told nothing any more of the connection that was watched. */
  void forget() {
    if (watched != null && onEnd != null) {
      watched.forget(onEnd);
    }
    watched = null;
    onEnd = null;
  }

  void expect(CompletableFuture<UaResponseMessageType> answer, int made) {
    long now = age;
    answer.whenComplete((response, failure) ->
        letters.add(
            new Dated(
                now,
                response instanceof PublishResponse publish
                    ? new Answer(publish)
                    : new Failure(
                        failure == null ? Cursor.wrong("a publish response", "another") : failure,
                        made))));
  }

  /** The next letter, or null after a short while without one. */
  @Nullable Letter next() throws InterruptedException {
    Dated dated = letters.poll(TURN_MILLIS, TimeUnit.MILLISECONDS);
    return dated == null || dated.age() != age ? null : dated.letter();
  }

  /** Waits. */
  void rest(long millis) throws InterruptedException {
    letters.poll(millis, TimeUnit.MILLISECONDS);
  }
}
