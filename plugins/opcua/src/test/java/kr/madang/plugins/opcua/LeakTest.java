package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Footprint;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.Wall;
import org.apache.arrow.memory.BufferAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
class LeakTest {
  /** A full series is 1,000. */
  private static final int CONNECTS = Integer.getInteger("madang.connects", 15);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @Test
  void failedConnectsLeaveNothing() throws Exception {
    String closed = "opc.tcp://127.0.0.1:" + Plant.freePort();
    try (Liar garbage = new Liar((_, out) -> out.write(new byte[100]));
        Liar silent = new Liar(Liar::acknowledge);
        Plant plant = new Plant().add("flow", NodeIds.Double, 1.0)) {
      List<String> kinds = List.of(closed, garbage.endpoint(), silent.endpoint());
      Configs unknownUser = Configs.at(plant, "flow").operator();
      for (int i = 0; i < 6; i++) {
        fail(kinds.get(i % 3));
        fail(unknownUser.trusting(folder));
      }
      Footprint before = footprint();
      long cold = Footprint.resident();
      fail(kinds, unknownUser, CONNECTS);
      long once = Footprint.resident();
      fail(kinds, unknownUser, CONNECTS);
      assertThat(Threads.ofSources()).isEmpty();
      before.assertNoThreadLeft();
      before.assertNoDescriptorLeft(2);
      System.out.printf(
          "twice %,d failed connects: %s, RSS %,d, %,d, %,d kB%n",
          CONNECTS, before.change(), cold, once, Footprint.resident());
    }
  }

  private void fail(List<String> kinds, Configs unknownUser, int times) {
    for (int i = 0; i < times; i++) {
      if (i % 4 == 3) {
        fail(unknownUser);
      } else {
        fail(kinds.get(i % 4));
      }
    }
  }

  private void fail(String endpoint) {
    fail(new Configs(endpoint).tag("x"));
  }

  private void fail(Configs configs) {
    configs.timeout = Duration.ofMillis(configs.user.isPresent() ? 5_000 : 100);
    configs.password = configs.user.map(_ -> new kr.madang.sdk.config.Secret("wrong"));
    FakeSourceContext context =
        new FakeSourceContext(
            arrow.get(),
            Instant::now,
            Optional.empty(),
            Duration.ofSeconds(2),
            new CopyOnWriteArrayList<>());
    assertThatThrownBy(() -> new OpcUaSource().open(configs.build(), context))
        .isInstanceOf(PluginException.class);
    context.connections().forEach(it -> ((Wire) it).close());
  }

  @Test
  void connectionsThatWereClosedLeaveNothing() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 1.0)) {
      OpcUaConfig config = Configs.at(plant, "flow").build();
      for (int i = 0; i < 3; i++) {
        read(config);
      }
      Footprint before = footprint();
      for (int i = 0; i < 20; i++) {
        read(config);
      }
      assertThat(Threads.ofSources()).isEmpty();
      before.assertNoThreadLeft();
      before.assertNoDescriptorLeft(0);
      assertThat(plant.sessions()).isZero();
    }
  }

  private void read(OpcUaConfig config) throws Exception {
    try (Running running = new Running(config, arrow.get())) {
      running.awaitValue("flow", 1.0);
    }
  }

  @Test
  @Timeout(90)
  void theClassLoaderGoesWithItsThreads() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    try (Plant plant = new Plant(setup).add("flow", NodeIds.Double, 1.0)) {
      Files.createDirectories(folder.resolve("trusted"));
      Files.write(folder.resolve("trusted/plant.der"), Plant.certificate().getEncoded());
      WeakReference<ClassLoader> loader = trip(plant.endpoint());
      Wall.assertCollected(loader, Duration.ofSeconds(30));
      assertThat(java.security.Security.getProviders())
          .noneMatch(provider -> provider.getName().startsWith("Madang"));
    }
  }

  /** Loads the plugin as the host does, and reads once on a thread that ends, as the host does. */
  private WeakReference<ClassLoader> trip(String endpoint) throws Exception {
    Wall wall = Wall.aroundClassPath(LeakTest::isOfTheArchive);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(() -> {
          try {
            Class<?> trip = wall.loadClass(Trip.class.getName());
            assertThat(trip.getClassLoader()).isSameAs(wall);
            trip.getMethod("run", String.class, Path.class, BufferAllocator.class)
                .invoke(null, endpoint, folder, arrow.get());
          } catch (Throwable e) {
            thrown.set(e);
          }
        });
    thread.start();
    thread.join();
    if (thrown.get() != null) {
      throw new AssertionError(thrown.get());
    }
    wall.close();
    return new WeakReference<>(wall);
  }

  private static boolean isOfTheArchive(String name) {
    return name.endsWith("classes")
        || name.startsWith("milo-")
        || name.startsWith("netty-")
        || name.startsWith("bc")
        || name.startsWith("strict-machine");
  }

  private static Footprint footprint() {
    return Footprint.now(name -> name.startsWith("ForkJoin") || name.startsWith("milo-"));
  }
}
