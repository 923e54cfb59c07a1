package kr.madang.sdk.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import kr.madang.sdk.source.Connection;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A context for a source that a test opens by hand.
 *
 * @param allocator of the test
 * @param clock of the test
 * @param position where to resume
 * @param timeout of one exchange
 * @param rejects filled with {@code row → why}
 * @param latest the greatest source time that was accepted
 * @param connections filled with what was opened; the test closes them
 */
public record FakeSourceContext(
    BufferAllocator allocator,
    InstantSource clock,
    Optional<Position> position,
    Duration timeout,
    List<String> rejects,
    Optional<Instant> latest,
    List<Connection> connections)
    implements SourceContext {

  /** A context from the beginning, with a time-out of 2 s. */
  public FakeSourceContext(BufferAllocator allocator) {
    this(
        allocator,
        new ManualClock(),
        Optional.empty(),
        Duration.ofSeconds(2),
        Collections.synchronizedList(new ArrayList<>()));
  }

  /** A context of a source that never had a row. */
  public FakeSourceContext(
      BufferAllocator allocator,
      InstantSource clock,
      Optional<Position> position,
      Duration timeout,
      List<String> rejects) {
    this(
        allocator,
        clock,
        position,
        timeout,
        rejects,
        Optional.empty(),
        Collections.synchronizedList(new ArrayList<>()));
  }

  /** The same context after a restart. */
  public FakeSourceContext resumedAt(Position position) {
    return new FakeSourceContext(allocator, clock, Optional.of(position), timeout, rejects);
  }

  /** The same context after an absence. */
  public FakeSourceContext awaySince(Instant last) {
    return new FakeSourceContext(
        allocator, clock, position, timeout, rejects, Optional.of(last), connections);
  }

  @Override
  public <T extends Connection> T connection(String key, Callable<T> open) throws Exception {
    T made = open.call();
    connections.add(made);
    return made;
  }

  @Override
  public String name() {
    return "default/test/source";
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger(name());
  }

  @Override
  public void reject(String row, String why) {
    rejects.add(row + " → " + why);
  }
}
