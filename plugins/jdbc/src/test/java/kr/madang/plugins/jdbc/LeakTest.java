package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(SharedPostgres.class)
class LeakTest {
  private static final int CONNECTS = Integer.getInteger("madang.connects", 30);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void failedConnectsLeaveNothing(Postgres postgres) throws Exception {
    try (SocketChannel closed = SocketChannel.open()) {
      closed.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Server refused = Postgres.config(closed.socket().getLocalPort());
      Server unknown =
          new Server(
              Kind.POSTGRESQL,
              Optional.of("127.0.0.1"),
              Optional.of(postgres.port()),
              Optional.of("postgres"),
              Optional.of("nobody there"),
              Optional.of(new Secret("x")),
              new Server.Tls(Server.Mode.AUTO, Optional.empty()),
              Optional.empty());
      Server plain =
          new Server(
              Kind.POSTGRESQL,
              Optional.of("127.0.0.1"),
              Optional.of(postgres.port()),
              Optional.of("postgres"),
              Optional.of("postgres"),
              Optional.of(new Secret("x")),
              new Server.Tls(Server.Mode.VERIFY, Optional.empty()),
              Optional.empty());
      List<Server> servers = List.of(refused, unknown, plain);
      for (int i = 0; i < 30; i++) {
        fail(servers.get(i % 3));
      }
      Set<Thread> threads = threads();
      long descriptors = descriptors();
      long cold = memory();
      for (int i = 0; i < CONNECTS; i++) {
        fail(servers.get(i % 3));
      }
      long once = memory();
      for (int i = 0; i < CONNECTS; i++) {
        fail(servers.get(i % 3));
      }
      Await.until("no thread is left", () -> threads.containsAll(threads()));
      Await.until("no descriptor is left", () -> descriptors() <= descriptors);
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

  private void fail(Server server) {
    assertThatThrownBy(() ->
            new JdbcSink()
                .open(
                    Configs.sink(server, "t"),
                    Samples.SCHEMA,
                    new FakeSinkContext(arrow.get(), new ManualClock())))
        .isInstanceOf(PluginException.class);
    assertThatThrownBy(() ->
            new JdbcSource()
                .open(
                    Configs.source(server, "t", "id").build(), new FakeSourceContext(arrow.get())))
        .isInstanceOf(PluginException.class);
  }

  @Test
  void theClassLoaderCanGoThoughTheThreadStays(Postgres postgres) throws Exception {
    WeakReference<ClassLoader> loader = writeBehindAWall(postgres.port());
    Await.until(
        "the class loader is collected",
        () -> {
          System.gc();
          return loader.get() == null;
        });
  }

  /** Loads the plugin as the host does, writes once on this thread, and drops it. */
  private WeakReference<ClassLoader> writeBehindAWall(int port) throws Exception {
    URL[] classes = {
      place(JdbcPlugin.class), place(org.postgresql.Driver.class), place(org.sqlite.JDBC.class)
    };
    try (URLClassLoader loader = new URLClassLoader(classes, new Wall())) {
      Plugin plugin =
          (Plugin) loader.loadClass(JdbcPlugin.class.getName()).getConstructor().newInstance();
      SinkFactory<?> factory = plugin.sinks().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(loader);
      Method open =
          Arrays.stream(factory.getClass().getDeclaredMethods())
              .filter(m -> m.getName().equals("open") && !m.isBridge())
              .findFirst()
              .orElseThrow();
      open.setAccessible(true);
      SinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
      try (Sink sink = (Sink) open.invoke(factory, config(loader, port), Samples.SCHEMA, context);
          Batch batch = Batches.numbers(arrow.get(), "s", 1, 0, 10)) {
        sink.write(batch);
      }
      plugin.stop();
      return new WeakReference<>(loader);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object config(ClassLoader loader, int port) throws Exception {
    Class<? extends Enum> kind = loader.loadClass(Kind.class.getName()).asSubclass(Enum.class);
    Class<? extends Enum> mode =
        loader.loadClass(Server.Mode.class.getName()).asSubclass(Enum.class);
    Object tls = make(loader, Server.Tls.class, Enum.valueOf(mode, "AUTO"), Optional.empty());
    Object server =
        make(
            loader,
            Server.class,
            Enum.valueOf(kind, "POSTGRESQL"),
            Optional.of("127.0.0.1"),
            Optional.of(port),
            Optional.of("postgres"),
            Optional.of("postgres"),
            Optional.of(new Secret("postgres")),
            tls,
            Optional.empty());
    return make(loader, SinkConfig.class, server, Optional.empty(), "walled", true, Map.of());
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

  // The common pool is the Java runtime's own.
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().startsWith("ForkJoinPool.commonPool"))
        .collect(Collectors.toSet());
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
