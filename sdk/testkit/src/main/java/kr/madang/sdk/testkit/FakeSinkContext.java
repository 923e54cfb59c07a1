package kr.madang.sdk.testkit;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.SinkContext;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A context for a sink that a test opens by hand.
 *
 * @param allocator of the test
 * @param clock of the test
 * @param timeout of one exchange
 * @param rejects filled with {@code rows → why}
 */
public record FakeSinkContext(
    BufferAllocator allocator, InstantSource clock, Duration timeout, List<String> rejects)
    implements SinkContext {

  /** A context with a clock and a time-out of 2 s. */
  public FakeSinkContext(BufferAllocator allocator, InstantSource clock) {
    this(allocator, clock, Duration.ofSeconds(2), Collections.synchronizedList(new ArrayList<>()));
  }

  @Override
  public String name() {
    return "default/test/sink";
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger(name());
  }

  @Override
  public void reject(Batch batch, BitSet rows, String why) {
    rejects.add(rows + " → " + why);
  }
}
