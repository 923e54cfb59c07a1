package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.e2e.harness.HarnessPlugin;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The far side of a sink is down, slow, deaf or mad, and comes back. */
class SinkAwayIT {
  private static final int RATE = 2_000;
  private static final int SECONDS = Harness.size("away", 1);

  @TempDir Path folder;
  private AckPeer peer;
  private FaultProxy proxy;
  private Madang madang;

  @BeforeEach
  void open() throws Exception {
    peer = AckPeer.ordered();
    proxy = FaultProxy.to(peer.port());
    madang = Madang.serve(folder.resolve("home"), Files.createDirectory(folder.resolve("temp")));
    madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
    madang.create(
        """
        pipeline: away
        durability: %s
        limits: { timeout: 300ms, retryMin: 20ms, retryMax: 200ms }
        source: { use: harness/counter, config: { folder: %s, rate: %d } }
        sinks:
          - { name: far, use: harness/peer, config: { port: %d } }
          - { name: near, use: harness/peer, config: { port: %d } }
        """
            .formatted(
                Harness.DURABILITY, folder.resolve("away"), RATE, proxy.port(), peer.port()));
    madang.until("rows arrive", () -> far().rows() > 0);
  }

  @AfterEach
  void close() throws Exception {
    madang.close();
    proxy.close();
    peer.close();
  }

  @Test
  void whateverTheWireDoesNothingIsLost() throws Exception {
    List<Fault> faults = new ArrayList<>();
    faults.add(new Fault.Refuse());
    faults.add(new Fault.Reset());
    faults.add(new Fault.Finish());
    faults.add(new Fault.HalfOpen());
    faults.add(new Fault.OneWay(Direction.TO_CLIENT, new Fault.HalfOpen()));
    faults.add(new Fault.StallAfter(3_000));
    faults.add(new Fault.OneWay(Direction.TO_CLIENT, new Fault.Trickle(Duration.ofMillis(2))));
    faults.add(new Fault.Delay(Duration.ofMillis(20)));
    faults.add(new Fault.Garbage(Harness.seed(), 0.001));
    faults.add(new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(Harness.seed(), 0.5)));
    faults.add(new Fault.Flap(Harness.seed(), 100, 20_000));
    for (Fault fault : faults) {
      proxy.set(fault);
      Harness.last(Duration.ofSeconds(SECONDS));
      heal(fault.toString());
    }
    end();
  }

  @Test
  void whateverThePeerDoesNothingIsLost() throws Exception {
    for (AckPeer.Mode mode : AckPeer.Mode.values()) {
      peer.set(mode);
      Harness.last(Duration.ofSeconds(SECONDS));
      peer.set(AckPeer.Mode.NORMAL);
      heal(mode.toString());
    }
    end();
  }

  @Test
  void aWireThatChangesItsMindAllTheTimeLosesNothing() throws Exception {
    long seed = Harness.freshSeed();
    Harness.print("sink away: a script of faults, seed %d", seed);
    proxy.play(
        new FaultScript(
            seed,
            Duration.ofMillis(5),
            Duration.ofMillis(300),
            List.of(
                new Fault.Pass(),
                new Fault.Refuse(),
                new Fault.Reset(),
                new Fault.HalfOpen(),
                new Fault.Garbage(seed, 0.001),
                new Fault.Flap(seed, 1, 30_000))));
    Harness.last(Duration.ofSeconds(5L * SECONDS));
    heal("the script");
    end();
  }

  private Received far() {
    return peer.of("away", "far");
  }

  private void heal(String what) throws Exception {
    proxy.set(new Fault.Pass());
    long before = far().rows();
    madang.until("rows arrive again after " + what, () -> far().rows() > before);
  }

  private void end() throws Exception {
    Files.writeString(folder.resolve("away/drain"), "");
    madang.until("the pipeline ends", () -> madang.state("away").equals("finished"));
    long rows = Harness.number(folder.resolve("away/ended"));
    far().assertExactly(rows, i -> i);
    peer.of("away", "near").assertExactly(rows, i -> i);
    JsonNode ledger = madang.ledger("away");
    assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
    assertThat(ledger.at("/dropped").asLong()).as(ledger.toString()).isZero();
    Harness.print(
        "sink away: %s; %d connections, %d blocks damaged on the way",
        far(), proxy.connections(), peer.garbled());
    assertThat(madang.stop()).isZero();
  }
}
