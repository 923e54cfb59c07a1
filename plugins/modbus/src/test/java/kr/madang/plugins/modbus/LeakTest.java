package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.digitalpetri.modbus.FunctionCode;
import de.siegmar.fastcsv.reader.CsvReader;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Footprint;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.Wall;
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
      Footprint before = footprint();
      for (int i = 0; i < 50; i++) {
        cycle(device);
      }
      Await.until("all connections are closed", () -> device.ended() == 51);
      assertThat(before.newThreads()).isEmpty();
      before.assertNoDescriptorLeft(0);
    }
  }

  @Test
  void failedConnectsLeaveNothing() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      fail(closed.port(), 5);
      Footprint before = footprint();
      long cold = Footprint.resident();
      fail(closed.port(), CONNECTS);
      long once = Footprint.resident();
      fail(closed.port(), CONNECTS);
      assertThat(before.newThreads()).isEmpty();
      before.assertNoDescriptorLeft(0);
      System.out.printf(
          "twice %,d failed connects: %s, RSS %,d, %,d, %,d kB%n",
          CONNECTS, before.change(), cold, once, Footprint.resident());
    }
  }

  @Test
  void theClassLoaderCanGoThoughTheThreadStays() throws Exception {
    try (RawDevice device = new RawDevice((request, out) -> out.write(RawDevice.answer(request)))) {
      WeakReference<ClassLoader> loader = readBehindAWall(device.port());
      Wall.assertCollected(loader, Duration.ofSeconds(20));
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
    try (Wall wall = Wall.around(ModbusPlugin.class, FunctionCode.class, CsvReader.class)) {
      Plugin plugin = (Plugin) wall.make(ModbusPlugin.class);
      SourceFactory<?> factory = plugin.sources().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(wall);
      try (PolledSource source = (PolledSource) open(factory, configBehindTheWall(wall, port));
          SampleWriter writer = new SampleWriter(arrow.get())) {
        source.read(writer);
        assertThat(writer.rows()).isEqualTo(1);
      }
      plugin.stop();
      return new WeakReference<>(wall);
    }
  }

  private <C> Source open(SourceFactory<C> factory, Object config) throws Exception {
    return factory.open(factory.config().cast(config), new FakeSourceContext(arrow.get()));
  }

  private static Object configBehindTheWall(Wall wall, int port) throws Exception {
    Object only =
        wall.make(
            Register.class,
            "a",
            Optional.of(wall.constant(Table.HOLDING)),
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
    Object big = wall.constant(Order.BIG);
    return wall.make(
        ModbusConfig.class,
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

  private static Footprint footprint() {
    // Threads of the other tests' server come and go.
    return Footprint.now(name -> name.startsWith("modbus-"));
  }
}
