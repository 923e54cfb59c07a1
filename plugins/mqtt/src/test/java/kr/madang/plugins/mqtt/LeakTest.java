package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Footprint;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.Wall;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dmadang.connects=1000} for the whole series. */
class LeakTest {
  private static final int CONNECTS = Integer.getInteger("madang.connects", 30);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private SourceConfig config(int port, Version version) {
    Broker broker = Configs.broker(port, version, "leak");
    Broker quick =
        new Broker(
            broker.host(),
            broker.port(),
            version,
            broker.clientId(),
            broker.user(),
            broker.password(),
            broker.tls(),
            broker.keepAlive(),
            Optional.of(Duration.ofMillis(150)));
    return Configs.source(quick, Configs.raw("p/+", 1));
  }

  @Test
  void failedConnectsLeaveNothing() throws Exception {
    try (SocketChannel refusing = SocketChannel.open();
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      refusing.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int closed = refusing.socket().getLocalPort();
      fail(closed, silent.getLocalPort(), 20);
      Footprint before = footprint();
      long cold = Footprint.resident();
      fail(closed, silent.getLocalPort(), CONNECTS);
      long once = Footprint.resident();
      fail(closed, silent.getLocalPort(), CONNECTS);
      before.assertNoThreadLeft();
      before.assertNoDescriptorLeft(1);
      assertThat(loops()).isZero();
      System.out.printf(
          "twice %,d failed connects: %s, RSS %,d, %,d, %,d kB%n",
          CONNECTS, before.change(), cold, once, Footprint.resident());
    }
  }

  /** Nine of ten are refused, one is never answered. */
  private void fail(int closed, int silent, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      Version version = Version.values()[i % 2];
      int port = i % 10 == 9 ? silent : closed;
      assertThatThrownBy(() ->
              new MqttSource().open(config(port, version), new FakeSourceContext(arrow.get())))
          .isInstanceOf(PluginException.class);
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
  void livesThatEndWithOpenAcknowledgementsLeaveNothing() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      SourceConfig config =
          Configs.source(
              Configs.broker(mosquitto.port(), Version.MQTT5, "leak"), Configs.raw("p/+", 2));
      cycle(config, publisher);
      Footprint before = footprint();
      for (int i = 0; i < 10; i++) {
        cycle(config, publisher);
      }
      before.assertNoThreadLeft();
      assertThat(loops()).as("only that of the publisher").isEqualTo(1);
    }
  }

  private void cycle(SourceConfig config, Publisher publisher) throws Exception {
    try (Host host = Host.of(new MqttSource(), config, new FakeSourceContext(arrow.get()), false)) {
      Await.until(
          "a message is open",
          () -> {
            publisher.say("p/a", new byte[] {'1'}, 2, false);
            return host.count() > 0;
          });
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
  void theClassLoaderCanGoThoughTheThreadStays() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      publisher.say("p/a", "{\"v\":1}".getBytes(StandardCharsets.UTF_8), 1, true);
      WeakReference<ClassLoader> loader = readBehindAWall(mosquitto.port());
      Wall.assertCollected(loader, Duration.ofSeconds(20));
    }
  }

  private WeakReference<ClassLoader> readBehindAWall(int port) throws Exception {
    try (Wall wall = Wall.aroundClassPath(_ -> true)) {
      Class<?> behind = wall.loadClass(Behind.class.getName());
      assertThat(behind.getClassLoader()).isSameAs(wall);
      Method run = behind.getDeclaredMethod("run", int.class, BufferAllocator.class);
      run.setAccessible(true);
      run.invoke(null, port, arrow.get());
      return new WeakReference<>(wall);
    }
  }

  private static Footprint footprint() {
    // The JVM starts and ends its own.
    return Footprint.now(name -> name.startsWith("C1 ") || name.startsWith("C2 "));
  }

  /** Event loops that the library still holds in its static table. */
  static int loops() throws ReflectiveOperationException {
    Class<?> provider = Class.forName("com.hivemq.client.internal.netty.NettyEventLoopProvider");
    Field entries = provider.getDeclaredField("entries");
    entries.setAccessible(true);
    return ((Map<?, ?>) entries.get(provider.getField("INSTANCE").get(null))).size();
  }
}
