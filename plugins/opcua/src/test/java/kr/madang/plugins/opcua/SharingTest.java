package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.source.Connection;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.apache.arrow.memory.BufferAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(60)
class SharingTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void twoSourcesShareAConnectionAndNothingElse() throws Exception {
    try (Plant plant =
            new Plant().add("flow", NodeIds.Double, 1.0).add("level", NodeIds.Double, 2.0);
        FaultProxy proxy = FaultProxy.to(plant.port());
        Shared shared = new Shared(arrow.get())) {
      try (Running first =
          new Running(Configs.at(plant, proxy.port(), "flow").build(), arrow.get(), shared)) {
        first.awaitValue("flow", 1.0);
        try (Running second =
            new Running(Configs.at(plant, proxy.port(), "level").build(), arrow.get(), shared)) {
          second.awaitValue("level", 2.0);
          assertThat(shared.opened).hasValue(1);
          assertThat(plant.sessions()).isEqualTo(2);
          proxy.cut();
          plant.set("flow", 3.0);
          plant.set("level", 4.0);
          first.awaitValue("flow", 3.0);
          second.awaitValue("level", 4.0);
          assertThat(first.values("flow")).containsExactly(1.0, 3.0);
          assertThat(second.values("level")).containsExactly(2.0, 4.0);
        }
        plant.set("flow", 5.0);
        first.awaitValue("flow", 5.0);
        assertThat(plant.sessions()).as("the second has signed off").isOne();
        assertThat(shared.opened).as("opened again once").hasValue(2);
      }
    }
  }

  /** Hands the same live connection to all who ask, as the host does. */
  private record Shared(
      BufferAllocator allocator, Map<String, Connection> live, AtomicInteger opened)
      implements SourceContext, AutoCloseable {
    Shared(BufferAllocator allocator) {
      this(allocator, new ConcurrentHashMap<>(), new AtomicInteger());
    }

    @Override
    @SuppressWarnings("unchecked")
    public synchronized <T extends Connection> T connection(String key, Callable<T> open)
        throws Exception {
      Connection known = live.get(key);
      if (known == null || !known.alive()) {
        if (known != null) {
          known.close();
        }
        known = open.call();
        opened.incrementAndGet();
        live.put(key, known);
      }
      return (T) known;
    }

    @Override
    public void close() throws Exception {
      for (Connection each : live.values()) {
        each.close();
      }
    }

    @Override
    public String name() {
      return "default/test/source";
    }

    @Override
    public Optional<Position> position() {
      return Optional.empty();
    }

    @Override
    public Optional<Instant> latest() {
      return Optional.empty();
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(2);
    }

    @Override
    public InstantSource clock() {
      return Instant::now;
    }

    @Override
    public Logger logger() {
      return LoggerFactory.getLogger(name());
    }

    @Override
    public void reject(String row, String why) {}
  }
}
