package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.config.Secret;
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
      // The common pool is the Java runtime's own.
      Footprint before = Footprint.now(name -> name.startsWith("ForkJoinPool.commonPool"));
      long cold = Footprint.resident();
      for (int i = 0; i < CONNECTS; i++) {
        fail(servers.get(i % 3));
      }
      long once = Footprint.resident();
      for (int i = 0; i < CONNECTS; i++) {
        fail(servers.get(i % 3));
      }
      before.assertNoThreadLeft();
      before.assertNoDescriptorLeft(0);
      System.out.printf(
          "twice %,d failed connects: %s, RSS %,d, %,d, %,d kB%n",
          CONNECTS, before.change(), cold, once, Footprint.resident());
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
    Wall.assertCollected(loader, Duration.ofSeconds(20));
  }

  /** Loads the plugin as the host does, writes once on this thread, and drops it. */
  private WeakReference<ClassLoader> writeBehindAWall(int port) throws Exception {
    try (Wall wall =
        Wall.around(JdbcPlugin.class, org.postgresql.Driver.class, org.sqlite.JDBC.class)) {
      Plugin plugin = (Plugin) wall.make(JdbcPlugin.class);
      SinkFactory<?> factory = plugin.sinks().getFirst();
      assertThat(factory.config().getClassLoader()).isSameAs(wall);
      SinkContext context = new FakeSinkContext(arrow.get(), new ManualClock());
      try (Sink sink = open(factory, config(wall, port), context);
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

  private static Object config(Wall wall, int port) throws Exception {
    Object tls = wall.make(Server.Tls.class, wall.constant(Server.Mode.AUTO), Optional.empty());
    Object server =
        wall.make(
            Server.class,
            wall.constant(Kind.POSTGRESQL),
            Optional.of("127.0.0.1"),
            Optional.of(port),
            Optional.of("postgres"),
            Optional.of("postgres"),
            Optional.of(new Secret("postgres")),
            tls,
            Optional.empty());
    return wall.make(SinkConfig.class, server, Optional.empty(), "walled", true, Map.of());
  }
}
