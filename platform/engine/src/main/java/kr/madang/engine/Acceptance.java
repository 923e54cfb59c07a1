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
  private final boolean stores;
  private final ArrayDeque<Given> waiting = new ArrayDeque<>();
  private int session;
  private @Nullable Position given;
  private @Nullable Position accepted;
  private @Nullable Position told;
  private @Nullable Position stored;
  private long storedAt;

  /**
   * Of a source that resumes where it stood.
   *
   * @param stores whether to write down where it stands; else the journal does
   */
  Acceptance(Scene scene, String source, Acks acks, Optional<Position> resume, boolean stores) {
    this.scene = scene;
    this.source = source;
    this.acks = acks;
    this.stores = stores;
    this.given = resume.orElse(null);
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

  /** Whether everything that was given is accepted. */
  synchronized boolean complete() {
    return waiting.isEmpty() || waiting.peekLast().number <= acks.accepted();
  }

  /**
   * Tells the source what was accepted since it was told last; on a thread of the plugin.
   *
   * @param to null if it is away
   */
  void deliver(@Nullable Source to) throws Exception {
    Given last = advance();
    switch (to) {
      case LogSource log -> tell(log);
      case SubscribedSource subscribed when last != null && last.session == session ->
          scene.state(source).call("accepted", () -> subscribed.accepted(last.token));
      case null, default -> {}
    }
    if (System.nanoTime() - storedAt > STORE_NANOS) {
      store();
    }
  }

  /** A position that could not be told is told again, by the source's next life if need be. */
  private void tell(LogSource log) throws Exception {
    Position upTo = accepted;
    if (upTo != null && !upTo.equals(told)) {
      scene.state(source).call("acknowledge", () -> log.acknowledge(upTo));
      told = upTo;
    }
  }

  private synchronized @Nullable Given advance() {
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

  /** Writes down where to resume after a restart. A disk that is full must not stop the source. */
  synchronized void store() {
    advance();
    storedAt = System.nanoTime();
    Position upTo = accepted;
    if (stores && upTo != null && !upTo.equals(stored)) {
      try {
        scene.store().position(source, upTo);
        stored = upTo;
      } catch (RuntimeException e) {
        scene
            .log()
            .warn("source {}: where it stands could not be stored: {}", source, e.toString());
      }
    }
  }
}
