package kr.madang.engine;

import java.util.ArrayDeque;
import java.util.Optional;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SubscribedSource;
import org.jspecify.annotations.Nullable;

/** What a source has given and is not told yet that it was accepted. */
final class Acceptance {
  private static final long STORE_NANOS = 1_000_000_000L;

  private record Given(long number, @Nullable Position position, long token, int session) {}

  private final Scene scene;
  private final String source;
  private final Acks acks;
  private final ArrayDeque<Given> waiting = new ArrayDeque<>();
  private int session;
  private @Nullable Position given;
  private @Nullable Position accepted;
  private @Nullable Position stored;
  private long storedAt;

  Acceptance(Scene scene, String source, Acks acks) {
    this.scene = scene;
    this.source = source;
    this.acks = acks;
    this.given = scene.store().position(source).orElse(null);
  }

  /** The source is opened anew: tokens of its former life mean nothing to it. */
  synchronized void begin() {
    session++;
  }

  /** Where the source goes on: behind what it gave already, accepted or not. */
  synchronized Optional<Position> resume() {
    return Optional.ofNullable(given);
  }

  synchronized void add(long number, @Nullable Position position, long token) {
    waiting.add(new Given(number, position, token, session));
    if (position != null) {
      given = position;
    }
  }

  synchronized boolean complete() {
    return waiting.isEmpty();
  }

  /** Tells the source what was accepted since it was told last; on a thread of the plugin. */
  void deliver(Source to) throws Exception {
    Given last = next();
    if (last == null) {
      return;
    }
    switch (to) {
      case LogSource log when last.position != null -> log.acknowledge(last.position);
      case SubscribedSource subscribed when last.session == session ->
          subscribed.accepted(last.token);
      default -> {}
    }
    if (System.nanoTime() - storedAt > STORE_NANOS) {
      store();
    }
  }

  private synchronized @Nullable Given next() {
    long upTo = acks.accepted();
    Given last = null;
    while (!waiting.isEmpty() && waiting.peek().number <= upTo) {
      last = waiting.remove();
      if (last.position != null) {
        accepted = last.position;
      }
    }
    return last;
  }

  /** Writes down where to resume after a restart. */
  synchronized void store() {
    if (accepted != null && !accepted.equals(stored)) {
      scene.store().position(source, accepted);
      stored = accepted;
    }
    storedAt = System.nanoTime();
  }
}
