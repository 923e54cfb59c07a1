package kr.madang.sdk.testkit;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
 */
public record FakeSourceContext(
    BufferAllocator allocator,
    InstantSource clock,
    Optional<Position> position,
    Duration timeout,
    List<String> rejects)
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

  /** The same context after a restart. */
  public FakeSourceContext resumedAt(Position position) {
    return new FakeSourceContext(allocator, clock, Optional.of(position), timeout, rejects);
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
