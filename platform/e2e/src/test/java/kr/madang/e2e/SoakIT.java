package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An hour under load with a random fault every half minute: {@code -Dmadang.soak=60m}. What is used
 * has to stay flat after a quarter of the time, and nothing may be lost. The table of samples goes
 * to {@code -Dmadang.soak.table=FILE}, else to {@code target/soak.csv}.
 */
@EnabledIfSystemProperty(named = "madang.soak", matches = "\\d+[ms]")
class SoakIT {
  private static final Duration BETWEEN_FAULTS = Duration.ofSeconds(30);
  private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void whatIsUsedStaysFlatAndNothingIsLost() throws Exception {
    String text = System.getProperty("madang.soak");
    Duration length = Duration.parse("PT" + text.toUpperCase(java.util.Locale.ROOT));
    Path table = Path.of(System.getProperty("madang.soak.table", "target/soak.csv"));
    long seed = Harness.freshSeed();
    Harness.print("soak of %s, seed %d, table %s", length, seed, table.toAbsolutePath());
    Random random = new Random(seed);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    try (AckPeer peer = AckPeer.ordered();
        FaultProxy proxy = FaultProxy.to(peer.port());
        Load load =
            new Load(folder.resolve("load"), peer, proxy.port(), Harness.size("soak.rate", 1_000));
        Madang madang = Madang.serve(Madang.home(folder.resolve("home"), folder), temp);
        Soak soak = new Soak(madang, table)) {
      load.create(madang);
      load.awaitFlow(madang);
      long end = System.nanoTime() + length.toNanos();
      long nextFault = System.nanoTime() + BETWEEN_FAULTS.toNanos();
      String fault = "";
      while (System.nanoTime() < end) {
        Harness.last(BETWEEN_SAMPLES);
        soak.take(fault);
        load.assertBalanced(madang);
        fault = "";
        // The last minutes are calm, so that what piled up does not count as a leak.
        boolean calm = System.nanoTime() > end - length.toNanos() / 15;
        if (System.nanoTime() >= nextFault && !calm) {
          nextFault += BETWEEN_FAULTS.toNanos();
          fault = strike(random, madang, load, peer, proxy);
        }
      }
      load.drain(madang);
      load.assertBalanced(madang);
      List<String> wrong = soak.verdict(length.toSeconds() / 60.0 / 4);
      assertThat(madang.stop()).isZero();
      load.check(temp);
      assertThat(wrong).as("seed %d", seed).isEmpty();
    }
  }

  /** One fault that lasts some seconds and is mended. */
  private static String strike(
      Random random, Madang madang, Load load, AckPeer peer, FaultProxy proxy) throws Exception {
    Duration lasts = Duration.ofMillis(random.nextLong(500, 8_000));
    int kind = random.nextInt(9);
    switch (kind) {
      case 0 -> load.restartPlant(lasts);
      case 1 -> wire(proxy, new Fault.Refuse(), lasts);
      case 2 -> wire(proxy, new Fault.HalfOpen(), lasts);
      case 3 -> wire(proxy, new Fault.Garbage(random.nextLong(), 0.001), lasts);
      case 4 -> wire(proxy, new Fault.Flap(random.nextLong(), 100, 50_000), lasts);
      case 5 -> wire(proxy, new Fault.StallAfter(random.nextLong(1, 10_000)), lasts);
      case 6 -> mood(peer, AckPeer.Mode.HANG, lasts);
      case 7 -> mood(peer, AckPeer.Mode.GARBAGE, lasts);
      default -> {
        String pipeline = Load.PIPELINES.get(random.nextInt(Load.PIPELINES.size()));
        madang.command(pipeline, "stop");
        madang.until("it stops", () -> madang.state(pipeline).equals("stopped"));
        madang.command(pipeline, "start");
        madang.until(
            "it runs again", () -> List.of("running", "degraded").contains(madang.state(pipeline)));
        return "restart of " + pipeline;
      }
    }
    return "fault " + kind + " for " + lasts.toMillis() + " ms";
  }

  private static void wire(FaultProxy proxy, Fault fault, Duration lasts) throws Exception {
    proxy.set(fault);
    Harness.last(lasts);
    proxy.set(new Fault.Pass());
  }

  private static void mood(AckPeer peer, AckPeer.Mode mode, Duration lasts) throws Exception {
    peer.set(mode);
    Harness.last(lasts);
    peer.set(AckPeer.Mode.NORMAL);
  }
}
