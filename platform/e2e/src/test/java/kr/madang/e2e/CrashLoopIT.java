package kr.madang.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kill -9 in a loop under load. A build makes a dozen; {@code -Dmadang.kills=1000} makes as many as
 * it takes to believe it.
 */
class CrashLoopIT {
  private static final int RATE = 4_000;

  @TempDir Path folder;

  @Test
  void nothingIsLostDoubledOrOutOfOrderHoweverOftenItIsKilled() throws Exception {
    int kills = Harness.size("kills", 6);
    long fresh = Harness.freshSeed();
    Random fixed = new Random(Harness.seed());
    Random random = new Random(fresh);
    Harness.print(
        "kill -9: %d cycles, seeds %d and %d, durability %s",
        kills, Harness.seed(), fresh, Harness.DURABILITY);
    Path home = Madang.home(folder.resolve("home"), folder);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    long[] starts = new long[kills];
    long[] flows = new long[kills];
    int flowing = 0;
    int early = 0;
    long began = System.nanoTime();
    try (AckPeer peer = AckPeer.ordered();
        Load load = new Load(folder.resolve("load"), peer, peer.port(), RATE)) {
      try (Madang madang = Madang.serve(home, temp)) {
        load.create(madang);
        load.awaitFlow(madang);
        madang.kill();
      }
      for (int i = 0; i < kills; i++) {
        Random draw = i % 2 == 0 ? fixed : random;
        if (draw.nextInt(8) == 0) {
          early++;
          Madang.killAtStart(home, temp, Duration.ofMillis(draw.nextInt(50, 700)));
        }
        long start = System.nanoTime();
        try (Madang madang = Madang.serve(home, temp)) {
          starts[i] = System.nanoTime() - start;
          load.assertBalanced(madang);
          if (draw.nextInt(4) > 0) {
            load.awaitFlow(madang); // else it is killed while the pipelines start
            flows[flowing++] = System.nanoTime() - start;
          }
          Harness.last(Duration.ofMillis(draw.nextInt(20, 400)));
          load.assertBalanced(madang);
          madang.kill();
        }
        if (kills > 50 && (i + 1) % 50 == 0) {
          Harness.print("%d cycles, %d s", i + 1, (System.nanoTime() - began) / 1_000_000_000);
        }
      }
      Arrays.sort(starts);
      Harness.print(
          "%d kills and %d during the start in %d s; start to ready: median %d ms, longest %d ms",
          kills,
          early,
          (System.nanoTime() - began) / 1_000_000_000,
          starts[kills / 2] / 1_000_000,
          starts[kills - 1] / 1_000_000);
      Arrays.sort(flows, 0, flowing);
      Harness.print(
          "%d of the kills while rows flowed everywhere; start to flow: median %d ms, longest %d ms",
          flowing, flows[flowing / 2] / 1_000_000, flows[Math.max(0, flowing - 1)] / 1_000_000);
      try (Madang madang = Madang.serve(home, temp)) {
        load.drain(madang);
        load.assertBalanced(madang);
        org.assertj.core.api.Assertions.assertThat(madang.stop()).isZero();
      }
      load.check(temp);
    }
  }
}
