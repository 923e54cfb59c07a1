package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.management.ObjectName;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
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
      Set<Thread> threads = threads();
      long descriptors = descriptors();
      int beans = beans();
      long cold = memory();
      for (int i = 0; i < CONNECTS; i++) {
        fail(nobody);
      }
      long once = memory();
      for (int i = 0; i < CONNECTS; i++) {
        fail(nobody);
      }
      Set<Thread> left = new HashSet<>();
      try {
        Await.until(
            "no thread is left",
            () -> {
              left.clear();
              left.addAll(threads());
              left.removeAll(threads);
              return left.isEmpty();
            });
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + ": " + left, e);
      }
      Await.until("no descriptor is left", () -> descriptors() <= descriptors);
      assertThat(beans()).isEqualTo(beans);
      System.out.printf(
          "twice %,d failed connects: threads %d to %d, descriptors %d to %d, RSS %,d, %,d, %,d kB%n",
          CONNECTS,
          threads.size(),
          threads().size(),
          descriptors,
          descriptors(),
          cold,
          once,
          memory());
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
    Set<Thread> threads = threads();
    long descriptors = descriptors();
    for (int seed = 1; seed <= 2; seed++) {
      writeInto(behind, seed);
    }
    Await.until("no thread is left", () -> threads.containsAll(threads()));
    Await.until("no descriptor is left", () -> descriptors() <= descriptors);
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
    Await.until(
        "the class loader is collected",
        () -> {
          System.gc();
          return loader.get() == null;
        });
  }

  /** Loads the plugin as the host does, writes once on this thread, and drops it. */
  private WeakReference<ClassLoader> writeBehindAWall(KafkaBroker broker) throws Exception {
    broker.topic("walled", 1);
    URL[] classes = {
      place(KafkaPlugin.class), place(KafkaProducer.class), place(JsonFactory.class)
    };
    try (URLClassLoader loader = new URLClassLoader(classes, new Wall())) {
      Plugin plugin =
          (Plugin) loader.loadClass(KafkaPlugin.class.getName()).getConstructor().newInstance();
      SinkFactory<?> factory = plugin.sinks().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(loader);
      Method open =
          Arrays.stream(factory.getClass().getDeclaredMethods())
              .filter(m -> m.getName().equals("open") && !m.isBridge())
              .findFirst()
              .orElseThrow();
      open.setAccessible(true);
      SinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
      try (Sink sink =
              (Sink) open.invoke(factory, config(loader, broker), Samples.SCHEMA, context);
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 10)) {
        sink.write(batch);
      }
      plugin.stop();
      return new WeakReference<>(loader);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object config(ClassLoader loader, KafkaBroker broker) throws Exception {
    Class<? extends Enum> payload =
        loader.loadClass(SourceConfig.Payload.class.getName()).asSubclass(Enum.class);
    Class<? extends Enum> compression =
        loader.loadClass(SinkConfig.Compression.class.getName()).asSubclass(Enum.class);
    Object cluster =
        make(loader, Cluster.class, List.of(broker.direct()), Optional.empty(), Optional.empty());
    return make(
        loader,
        SinkConfig.class,
        cluster,
        "walled",
        Enum.valueOf(payload, "JSON"),
        "auto",
        true,
        Enum.valueOf(compression, "NONE"),
        1_000_000,
        Duration.ofMillis(5));
  }

  private static Object make(ClassLoader loader, Class<?> type, Object... values) throws Exception {
    Constructor<?> made = loader.loadClass(type.getName()).getDeclaredConstructors()[0];
    made.setAccessible(true);
    return made.newInstance(values);
  }

  /** Lets the shared classes through and nothing of the plugin. */
  private static final class Wall extends ClassLoader {
    private Wall() {
      super("wall", ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("kr.madang.sdk.")
          || name.startsWith("org.apache.arrow.")
          || name.startsWith("org.slf4j.")
          || name.startsWith("org.jspecify.")) {
        return LeakTest.class.getClassLoader().loadClass(name);
      }
      throw new ClassNotFoundException(name);
    }
  }

  private static URL place(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  private static Set<Thread> threads() {
    return new HashSet<>(Thread.getAllStackTraces().keySet());
  }

  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  /** Resident memory in kB after all that nobody uses was given back. */
  private static long memory() throws Exception {
    System.gc();
    ManagementFactory.getPlatformMBeanServer()
        .invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "systemTrimNativeHeap",
            null,
            null);
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
