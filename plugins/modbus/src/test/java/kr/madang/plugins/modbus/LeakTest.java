package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.digitalpetri.modbus.FunctionCode;
import com.sun.management.UnixOperatingSystemMXBean;
import de.siegmar.fastcsv.reader.CsvReader;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
class LeakTest {
  /** A full series is 1,000. */
  private static final int CONNECTS = Integer.getInteger("madang.connects", 25);

  private static final Register[] REGISTERS = {register("a", Table.HOLDING, 7, Type.UINT16)};

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void fiftyConnectionsLeaveNoThreadAndNoDescriptor() throws Exception {
    try (RawDevice device = new RawDevice((request, out) -> out.write(RawDevice.answer(request)))) {
      cycle(device);
      Await.until("the warm-up is over", () -> device.ended() == 1);
      Set<Thread> threads = threads();
      long descriptors = descriptors();
      for (int i = 0; i < 50; i++) {
        cycle(device);
      }
      Await.until("all connections are closed", () -> device.ended() == 51);
      assertThat(threads()).isSubsetOf(threads);
      Await.until("no descriptor is left", () -> descriptors() <= descriptors);
    }
  }

  @Test
  void failedConnectsLeaveNothing() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      fail(closed.port(), 5);
      Set<Thread> threads = threads();
      long descriptors = descriptors();
      long cold = memory();
      fail(closed.port(), CONNECTS);
      long once = memory();
      fail(closed.port(), CONNECTS);
      assertThat(threads()).isSubsetOf(threads);
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

  @Test
  void theClassLoaderCanGoThoughTheThreadStays() throws Exception {
    try (RawDevice device = new RawDevice((request, out) -> out.write(RawDevice.answer(request)))) {
      WeakReference<ClassLoader> loader = readBehindAWall(device.port());
      Await.until(
          "the class loader is collected",
          () -> {
            System.gc();
            return loader.get() == null;
          });
    }
  }

  private void cycle(RawDevice device) throws Exception {
    try (Opened opened = new Opened(config(device.port(), REGISTERS), arrow.get())) {
      assertThat(opened.round()).containsEntry("a", 7.0);
    }
  }

  private void fail(int port, int times) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(() -> new Opened(config(port, REGISTERS), arrow.get()))
          .isInstanceOf(PluginException.class);
    }
  }

  /** Loads the plugin as the host does, reads once on this thread, and drops it. */
  private WeakReference<ClassLoader> readBehindAWall(int port) throws Exception {
    URL[] classes = {place(ModbusPlugin.class), place(FunctionCode.class), place(CsvReader.class)};
    try (URLClassLoader loader = new URLClassLoader(classes, new Wall())) {
      Plugin plugin =
          (Plugin) loader.loadClass(ModbusPlugin.class.getName()).getConstructor().newInstance();
      SourceFactory<?> factory = plugin.sources().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(loader);
      Method open =
          List.of(factory.getClass().getDeclaredMethods()).stream()
              .filter(m -> m.getName().equals("open") && !m.isBridge())
              .findFirst()
              .orElseThrow();
      open.setAccessible(true);
      SourceContext context = new FakeSourceContext(arrow.get());
      try (PolledSource source =
              (PolledSource) open.invoke(factory, configBehindTheWall(factory, port), context);
          SampleWriter writer = new SampleWriter(arrow.get())) {
        source.read(writer);
        assertThat(writer.rows()).isEqualTo(1);
      }
      plugin.stop();
      return new WeakReference<>(loader);
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object configBehindTheWall(SourceFactory<?> factory, int port) throws Exception {
    ClassLoader loader = factory.config().getClassLoader();
    Class<? extends Enum> table = loader.loadClass(Table.class.getName()).asSubclass(Enum.class);
    Class<? extends Enum> order = loader.loadClass(Order.class.getName()).asSubclass(Enum.class);
    Constructor<?> register =
        loader.loadClass(Register.class.getName()).getDeclaredConstructors()[0];
    register.setAccessible(true);
    Object only =
        register.newInstance(
            "a",
            Optional.of(Enum.valueOf(table, "HOLDING")),
            "7",
            Optional.empty(),
            "",
            Optional.empty(),
            1.0,
            0.0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "");
    Constructor<?> config = factory.config().getDeclaredConstructors()[0];
    config.setAccessible(true);
    Object big = Enum.valueOf(order, "BIG");
    return config.newInstance(
        "127.0.0.1",
        port,
        Duration.ofSeconds(1),
        1,
        Optional.empty(),
        big,
        big,
        0,
        125,
        List.of(only),
        Optional.empty());
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

  // Threads of the other tests' server come and go.
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().startsWith("modbus-"))
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
