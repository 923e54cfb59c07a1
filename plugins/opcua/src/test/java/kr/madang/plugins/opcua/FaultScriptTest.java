package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeded faults between source and server. Messages are signed, since nothing else tells a byte
 * that was changed on the way from one that was sent.
 */
class FaultScriptTest {
  /** A full series is 50. */
  private static final int SCRIPTS = Integer.getInteger("madang.scripts", 2);

  private static final Duration SCRIPT = Duration.ofSeconds(4);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @Test
  void afterEachScriptTheStreamGoesOnAndNothingWasMadeUpOrLost() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.secured = true;
    AtomicBoolean over = new AtomicBoolean();
    Map<Double, Long> truth = new ConcurrentHashMap<>();
    try (Plant plant = new Plant(setup).add("n", NodeIds.Double, sample(0, truth))) {
      Thread writer = Thread.ofPlatform().start(() -> count(plant, truth, over));
      try {
        long slowest = 0;
        for (int seed = 1; seed <= SCRIPTS; seed++) {
          slowest = Math.max(slowest, play(seed, plant, truth));
        }
        System.out.printf(
            "fault scripts: %d, slowest return %d ms, threads left %d%n",
            SCRIPTS, slowest, Threads.ofSources().size());
      } finally {
        over.set(true);
        writer.join();
      }
      assertThat(Threads.ofSources()).isEmpty();
    }
  }

  private static DataValue sample(double number, Map<Double, Long> truth) {
    DateTime now = DateTime.now();
    truth.put(number, Ticks.nanos(now.getUtcTime(), 0));
    return new DataValue(new Variant(number), StatusCode.GOOD, now, now);
  }

  private static void count(Plant plant, Map<Double, Long> truth, AtomicBoolean over) {
    for (double number = 1; !over.get(); number++) {
      plant.set("n", sample(number, truth));
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Plays one script; says how long the stream took to come back, in ms. */
  private long play(int seed, Plant plant, Map<Double, Long> truth) throws Exception {
    List<Fault> faults =
        List.of(
            new Fault.Pass(),
            new Fault.Refuse(),
            new Fault.Reset(),
            new Fault.Finish(),
            new Fault.HalfOpen(),
            new Fault.StallAfter(20_000L * seed % 90_000),
            new Fault.Trickle(Duration.ofMillis(1)),
            new Fault.Delay(Duration.ofMillis(80)),
            new Fault.Garbage(seed, 0.001),
            new Fault.OneWay(
                kr.madang.sdk.testkit.proxy.Direction.TO_CLIENT, new Fault.Garbage(seed, 0.0005)),
            new Fault.Flap(seed, 500, 20_000));
    FaultScript script =
        new FaultScript(seed, Duration.ofMillis(100), Duration.ofMillis(900), faults);
    try (FaultProxy proxy = FaultProxy.to(plant.port());
        Hosted hosted = new Hosted(config(plant, proxy), arrow.get())) {
      Await.until("seed " + seed + ": it begins", Duration.ofSeconds(60), () -> hosted.good() > 5);
      proxy.play(script);
      long end = System.nanoTime() + SCRIPT.toNanos();
      Await.until("the script is over", () -> System.nanoTime() > end);
      proxy.set(new Fault.Pass());
      long since = System.nanoTime();
      double now = hosted.newest(truth);
      Await.until(
          "seed " + seed + ": the stream goes on; " + hosted.lastFailure(),
          Duration.ofSeconds(30),
          () -> hosted.reached(now));
      long took = (System.nanoTime() - since) / 1_000_000;
      hosted.close();
      check(seed, hosted.seen(), truth);
      return took;
    }
  }

  private OpcUaConfig config(Plant plant, FaultProxy proxy) throws Exception {
    Configs configs = Configs.at(plant, proxy.port(), "n").trusting(folder);
    configs.policy = Optional.of(Policy.BASIC256SHA256);
    configs.mode = Optional.of(Mode.SIGN);
    configs.timeout = Duration.ofSeconds(1);
    configs.keepAlive = Duration.ofSeconds(1);
    configs.queueSize = 20_000;
    return configs.build();
  }

  private static void check(int seed, List<Hosted.Row> rows, Map<Double, Long> truth) {
    double last = -1;
    boolean gap = true;
    for (Hosted.Row row : rows) {
      if (Quality.isBad(row.status())) {
        gap = true;
        continue;
      }
      double value = Objects.requireNonNull(row.value());
      assertThat(row.time())
          .as("seed %s: %s was never measured at that time", seed, value)
          .isEqualTo(truth.get(value));
      if (gap) {
        assertThat(value).as("seed %s: an old value came again", seed).isGreaterThanOrEqualTo(last);
      } else {
        assertThat(value)
            .as("seed %s: samples after %s are missing and nothing says so", seed, last)
            .isLessThanOrEqualTo(last + 1);
      }
      gap = false;
      last = Math.max(last, value);
    }
  }
}
