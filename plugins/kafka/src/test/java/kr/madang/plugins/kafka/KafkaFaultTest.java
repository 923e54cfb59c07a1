package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sink → broker → source, both ends through a proxy that plays a script. {@code
 * -Dmadang.scripts=50} plays fifty.
 */
class KafkaFaultTest {
  private static final int ROWS = 20;
  private static final int BATCHES = 30;
  private static final int AFTER = 5;
  private static final Duration TIMEOUT = Duration.ofMillis(1500);
  private static final Duration RESUMES = Duration.ofSeconds(30);

  private static FaultProxy proxy;
  private static KafkaBroker broker;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @BeforeAll
  static void start() throws Exception {
    // The broker must say where the proxy is, and the proxy where the broker is.
    int[] port = new int[1];
    try (var free = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      port[0] = free.getLocalPort();
    }
    proxy = FaultProxy.to(port[0]);
    broker = KafkaBroker.startBehind(port[0], proxy.port());
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    broker.close();
  }

  static List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= Integer.getInteger("madang.scripts", 1); seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostOrDoubledAndTheStreamResumes(long seed) throws Exception {
    String topic = "faults-" + seed;
    broker.topic(topic, 2);
    Writer writer = new Writer(topic, true);
    Reader reader = new Reader(topic);
    Set<Thread> threads = clientThreads();
    proxy.play(
        new FaultScript(
            seed,
            Duration.ofMillis(50),
            Duration.ofMillis(400),
            List.of(
                new Fault.Pass(),
                new Fault.Pass(),
                new Fault.Reset(),
                new Fault.Refuse(),
                new Fault.Finish(),
                new Fault.HalfOpen(),
                new Fault.OneWay(Direction.TO_CLIENT, new Fault.HalfOpen()),
                new Fault.StallAfter(2_000),
                new Fault.Trickle(Duration.ZERO),
                new Fault.Flap(seed, 1_000, 50_000),
                new Fault.Delay(Duration.ofMillis(5)))));
    long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    try {
      while (writer.next < BATCHES && System.nanoTime() < end) {
        writer.step();
        reader.step();
      }
      proxy.set(new Fault.Pass());
      long mended = System.nanoTime();
      int goal = writer.next + AFTER;
      while (writer.next < goal || reader.rows.size() < goal * ROWS) {
        if (writer.next < goal) {
          writer.step();
        }
        reader.step();
        assertThat(System.nanoTime() - mended)
            .as(
                "ns since the line is whole; written "
                    + writer.next
                    + ", read "
                    + reader.rows.size())
            .isLessThan(RESUMES.toNanos());
      }
      System.out.printf(
          "script %d: %d failures of the sink, %d of the source, back after %d ms%n",
          seed,
          writer.failures,
          reader.failures,
          Duration.ofNanos(System.nanoTime() - mended).toMillis());
    } finally {
      writer.close();
      reader.close();
    }
    assertThat(clientThreads()).isSubsetOf(threads);
    Map<String, Integer> written = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : broker.all(topic)) {
      written.merge(new String(record.value(), StandardCharsets.UTF_8), 1, Integer::sum);
    }
    assertThat(written.size()).isEqualTo(writer.next * ROWS);
    assertThat(written.values()).as("each row once at the broker").allMatch(count -> count == 1);
    Set<Object> seen = new HashSet<>();
    for (Map<String, ?> row : reader.rows) {
      assertThat(row.get("sourceTime"))
          .isEqualTo(Batches.TIME + ((Double) row.get("value")).longValue());
      seen.add(row.get("value"));
    }
    assertThat(seen.size()).isEqualTo(writer.next * ROWS);
    assertThat(reader.rows.size()).as("each row read once").isEqualTo(writer.next * ROWS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBrokerThatIsKilledLosesNothingThatWasAcknowledged(boolean transactional) throws Exception {
    proxy.set(new Fault.Pass());
    String topic = "killed-" + transactional;
    broker.topic(topic, 2);
    Writer writer = new Writer(topic, transactional);
    Reader reader = new Reader(topic);
    try {
      Await.until(
          "the first batches are read",
          RESUMES,
          () -> {
            if (writer.next < 5) {
              writer.step();
            }
            reader.step();
            return reader.rows.size() == 5 * ROWS;
          });
      // Kafka 4.4 itself may lose the end of a transaction when it is killed within the commit;
      // then the partition gives nothing more to anybody.
      Await.until("the last transaction is ended", RESUMES, () -> broker.isSettled(topic));
      broker.kill();
      writer.step();
      reader.step();
      broker.restart();
      Await.until(
          "the rest is read",
          RESUMES.multipliedBy(4),
          () -> {
            if (writer.next < 10) {
              writer.step();
            }
            reader.step();
            return reader.rows.size() >= 10 * ROWS;
          });
      assertThat(writer.failures).isPositive();
    } finally {
      writer.close();
      reader.close();
    }
    assertThat(broker.all(topic).size()).isEqualTo(10 * ROWS);
    assertThat(reader.rows.size()).isEqualTo(10 * ROWS);
  }

  private static String through() {
    return "127.0.0.1:" + proxy.port();
  }

  private static Set<Thread> clientThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("kafka-"));
    return threads;
  }

  /** Does to a sink what the host does. */
  private final class Writer implements AutoCloseable {
    private final SinkConfig config;
    private @Nullable Sink sink;
    private int next;
    private int failures;

    private Writer(String topic, boolean transactional) {
      Configs.Sink made = Configs.sink(through(), topic);
      config = (transactional ? made.transactional() : made).build();
    }

    private void step() throws Exception {
      try (Batch batch = Batches.numbers(arrow.get(), "s", 1, (long) next * ROWS, ROWS)) {
        Sink open = sink;
        if (open == null) {
          open =
              new KafkaSink()
                  .open(
                      config,
                      Samples.SCHEMA,
                      new FakeSinkContext(
                          arrow.get(), InstantSource.system(), TIMEOUT, new ArrayList<>()));
          sink = open;
        }
        open.write(batch);
        next++;
      } catch (PluginException e) {
        assertThat(e.code().retriable()).as(e.getMessage()).isTrue();
        failures++;
        close();
      }
    }

    @Override
    public void close() throws Exception {
      Sink open = sink;
      sink = null;
      if (open != null) {
        open.close();
      }
    }
  }

  /** Does to a source what the host does. */
  private final class Reader implements AutoCloseable {
    private final SourceConfig config;
    private final List<Map<String, ?>> rows = new ArrayList<>();
    private @Nullable Reading reading;
    private Optional<Position> position = Optional.empty();
    private int failures;

    private Reader(String topic) {
      config = Configs.source(through(), topic).build();
    }

    private void step() throws Exception {
      try {
        Reading open = reading;
        if (open == null) {
          open =
              new Reading(
                  config,
                  new FakeSourceContext(
                      arrow.get(), InstantSource.system(), position, TIMEOUT, new ArrayList<>()));
          reading = open;
        }
        open.poll();
        rows.addAll(open.rows);
        open.rows.clear();
        if (open.position != null) {
          position = Optional.of(open.position);
          open.acknowledge();
        }
      } catch (PluginException e) {
        assertThat(e.code().retriable()).as(e.getMessage()).isTrue();
        failures++;
        close();
      }
    }

    @Override
    public void close() throws Exception {
      Reading open = reading;
      reading = null;
      if (open != null) {
        open.close();
      }
    }
  }
}
