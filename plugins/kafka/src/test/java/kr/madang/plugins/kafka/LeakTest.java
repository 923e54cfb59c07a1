package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.management.ObjectName;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Footprint;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.Wall;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(SharedBroker.class)
class LeakTest {
  private static final int CONNECTS = Integer.getInteger("madang.connects", 8);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void failedConnectsLeaveNothing() throws Exception {
    try (SocketChannel closed = SocketChannel.open()) {
      closed.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String nobody = "127.0.0.1:" + closed.socket().getLocalPort();
      for (int i = 0; i < 5; i++) {
        fail(nobody);
      }
      Footprint before = Footprint.now();
      int beans = beans();
      long cold = Footprint.resident();
      for (int i = 0; i < CONNECTS; i++) {
        fail(nobody);
      }
      long once = Footprint.resident();
      for (int i = 0; i < CONNECTS; i++) {
        fail(nobody);
      }
      before.assertNoThreadLeft();
      before.assertNoDescriptorLeft(0);
      assertThat(beans()).isEqualTo(beans);
      System.out.printf(
          "twice %,d failed connects: %s, RSS %,d, %,d, %,d kB%n",
          CONNECTS, before.change(), cold, once, Footprint.resident());
    }
  }

  private void fail(String nobody) {
    assertThatThrownBy(() ->
            new KafkaSink()
                .open(
                    Configs.sink(nobody, "t").build(),
                    Samples.SCHEMA,
                    new FakeSinkContext(
                        arrow.get(), new ManualClock(), Duration.ofMillis(100), List.of())))
        .isInstanceOf(PluginException.class);
    assertThatThrownBy(() ->
            new KafkaSource()
                .open(
                    Configs.source(nobody, "t").build(),
                    new FakeSourceContext(
                        arrow.get(),
                        new ManualClock(),
                        Optional.empty(),
                        Duration.ofMillis(100),
                        List.of())))
        .isInstanceOf(PluginException.class);
  }

  /** What answers may announce more bytes than there is memory: the library's sender ends by it. */
  @Test
  void aSenderThatDiedIsAnErrorThatCanPassAndLeavesNothing(ContractBroker behind) throws Exception {
    behind.broker().topic("garbage", 1);
    writeInto(behind, 0);
    Footprint before = Footprint.now();
    for (int seed = 1; seed <= 2; seed++) {
      writeInto(behind, seed);
    }
    before.assertNoThreadLeft();
    before.assertNoDescriptorLeft(0);
  }

  private void writeInto(ContractBroker behind, int seed) throws Exception {
    SinkConfig config = Configs.sink("127.0.0.1:" + behind.proxy().port(), "garbage").build();
    FakeSinkContext context =
        new FakeSinkContext(arrow.get(), new ManualClock(), Duration.ofSeconds(1), List.of());
    try (Sink sink = new KafkaSink().open(config, Samples.SCHEMA, context);
        Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 10)) {
      sink.write(batch);
      if (seed > 0) {
        behind.proxy().set(new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(seed, 1)));
        assertThatThrownBy(() -> sink.write(batch))
            .isInstanceOfSatisfying(
                PluginException.class, e -> assertThat(e.code().retriable()).isTrue());
      }
    } finally {
      behind.proxy().set(new Fault.Pass());
      behind.proxy().cut();
    }
  }

  private static int beans() throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("kafka.*:*"), null)
        .size();
  }

  @Test
  void theClassLoaderCanGoThoughTheThreadStays(KafkaBroker broker) throws Exception {
    WeakReference<ClassLoader> loader = writeBehindAWall(broker);
    Wall.assertCollected(loader, Duration.ofSeconds(20));
  }

  /** Loads the plugin as the host does, writes once on this thread, and drops it. */
  private WeakReference<ClassLoader> writeBehindAWall(KafkaBroker broker) throws Exception {
    broker.topic("walled", 1);
    try (Wall wall = Wall.around(KafkaPlugin.class, KafkaProducer.class, JsonFactory.class)) {
      Plugin plugin = (Plugin) wall.make(KafkaPlugin.class);
      SinkFactory<?> factory = plugin.sinks().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(wall);
      SinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
      try (Sink sink = open(factory, config(wall, broker), context);
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 10)) {
        sink.write(batch);
      }
      plugin.stop();
      return new WeakReference<>(wall);
    }
  }

  private static <C> Sink open(SinkFactory<C> factory, Object config, SinkContext context)
      throws Exception {
    return factory.open(factory.config().cast(config), Samples.SCHEMA, context);
  }

  private static Object config(Wall wall, KafkaBroker broker) throws Exception {
    Object cluster =
        wall.make(Cluster.class, List.of(broker.direct()), Optional.empty(), Optional.empty());
    return wall.make(
        SinkConfig.class,
        cluster,
        "walled",
        wall.constant(SourceConfig.Payload.JSON),
        "auto",
        true,
        wall.constant(SinkConfig.Compression.NONE),
        1_000_000,
        Duration.ofMillis(5));
  }
}
