package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import kr.madang.e2e.harness.HarnessPlugin;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that is full, slow or broken under the journal. */
class DiskIT {
  private static final int DISK_MIB = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @TempDir Path folder;
  private Path home;
  private Path temp;

  @BeforeEach
  void lay() throws Exception {
    assumeTrue(Harness.journal(), "only a journal fills a disk");
    home = Files.createDirectory(folder.resolve("home"));
    temp = Files.createDirectory(folder.resolve("temp"));
  }

  /** A mount namespace of its own, so that nothing stays mounted whatever happens. */
  private Madang.Wrap smallDisk() throws Exception {
    boolean allowed =
        Harness.works(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs -o size=1m tmpfs \"$1\"",
            "sh",
            home.toString());
    if (!allowed) {
      Harness.print("a full disk is SKIPPED: mounting a tmpfs in a namespace is refused");
    }
    assumeTrue(allowed, "mounting a tmpfs in a namespace is refused");
    String script =
        "mount -t tmpfs -o size=%dm tmpfs '%s' && exec \"$@\"".formatted(DISK_MIB, home);
    return new Madang.Wrap(List.of("unshare", "-m", "sh", "-c", script, "sh"), Map.of(), true);
  }

  private String pipeline(String name, String full, int port, int rate, int padding) {
    return """
    pipeline: %s
    durability: journal
    journal: { full: %s }
    limits: { timeout: 1s, retryMin: 20ms, retryMax: 200ms }
    source: { use: harness/counter, config: { folder: %s, rate: %d, padding: %d } }
    sinks:
      - { name: far, use: harness/peer, config: { port: %d } }
    """
        .formatted(name, full, folder.resolve(name), rate, padding, port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"block", "dropOldest", "dropNewest"})
  void aFullDiskFollowsThePolicyAndHealsByItself(String full) throws Exception {
    try (AckPeer peer = AckPeer.unordered();
        FaultProxy proxy = FaultProxy.to(peer.port());
        Madang madang = Madang.serve(smallDisk(), home, temp)) {
      proxy.set(new Fault.Refuse());
      madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
      // 40 MB a second: the disk is full in two seconds.
      madang.create(pipeline("full", full, proxy.port(), 40_000, 1_000));
      Watch watch = new Watch(madang);
      watch.untilPolicyShows(full);
      assertControlPlaneWrites(madang, peer.port());
      Harness.last(PATIENCE);
      assertControlPlaneWrites(madang, peer.port());
      JsonNode ledger = madang.ledger("full");
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      Harness.print(
          "full disk, %s: policy shows %d ms after rows last moved freely; alarms: %s",
          full,
          watch.millis,
          madang.get("/api/v1/workspaces/default/alarms").findValuesAsText("cause"));

      proxy.set(new Fault.Pass());
      Received far = peer.of("full", "far");
      madang.until("rows arrive", () -> far.rows() > 0);
      long in = madang.rows("full", "source");
      madang.until(
          "full", "the source moves again", () -> madang.rows("full", "source") > in + 10_000);
      Files.writeString(folder.resolve("full/drain"), "");
      madang.until("full", "the pipeline ends", () -> madang.state("full").equals("finished"));
      long rows = Harness.number(folder.resolve("full/ended"));
      JsonNode end = madang.ledger("full");
      assertThat(end.at("/balanced").asBoolean()).as(end.toString()).isTrue();
      long dropped = end.at("/dropped").asLong();
      if (full.equals("block")) {
        assertThat(dropped).isZero();
        far.assertExactly(rows, i -> i);
      } else {
        assertThat(dropped).as(end.toString()).isPositive();
        assertThat(far.rows() + dropped).as("arrived and dropped: %s", end).isEqualTo(rows);
      }
      Harness.print("full disk, %s: %,d rows, %,d dropped by policy", full, rows, dropped);
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void aDiskThatOthersFillBlocksTheJournalUntilThereIsRoom() throws Exception {
    try (AckPeer peer = AckPeer.ordered();
        Madang madang = Madang.serve(smallDisk(), home, temp)) {
      madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
      madang.create(pipeline("shared", "block", peer.port(), 5_000, 1_000));
      Received far = peer.of("shared", "far");
      madang.until("rows arrive", () -> far.rows() > 1_000);
      Path other =
          Path.of("/proc", Long.toString(madang.process.pid()), "root")
              .resolve(home.toString().substring(1))
              .resolve("other");
      // To the last byte, again and again, whoever had freed some.
      for (int i = 0; i < 5; i++) {
        fill(other);
        Harness.last(PATIENCE.dividedBy(5));
      }
      fill(other);
      assertControlPlaneWrites(madang, peer.port());
      Files.delete(other);
      long before = far.rows();
      madang.until("shared", "rows arrive again", () -> far.rows() > before + 10_000);
      Files.writeString(folder.resolve("shared/drain"), "");
      madang.until("shared", "the pipeline ends", () -> madang.state("shared").equals("finished"));
      far.assertExactly(Harness.number(folder.resolve("shared/ended")), i -> i);
      assertThat(madang.stop()).isZero();
    }
  }

  private static void fill(Path file) throws IOException {
    try (var other = new RandomAccessFile(file.toFile(), "rw")) {
      other.seek(other.length());
      for (int size = 256 << 10; size > 0; size /= 2) {
        try {
          while (true) {
            other.write(new byte[size]);
          }
        } catch (IOException e) {
          // there is no room for as much: for less
        }
      }
    }
  }

  @Test
  void aDiskThatForcesInAFifthOfASecondLosesNothing() throws Exception {
    assumeStrace();
    try (AckPeer peer = AckPeer.ordered();
        Madang madang = Madang.serve(Strace.slowDisk(200), home, temp)) {
      madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
      madang.create(pipeline("slow", "block", peer.port(), 5_000, 10));
      Received far = peer.of("slow", "far");
      madang.until("rows arrive", () -> far.rows() > 0);
      long before = far.rows();
      Harness.last(Duration.ofSeconds(3));
      Harness.print("200 ms a force: %,d rows a second of %,d", (far.rows() - before) / 3, 5_000);
      Files.writeString(folder.resolve("slow/drain"), "");
      madang.until("slow", "the pipeline ends", () -> madang.state("slow").equals("finished"));
      far.assertExactly(Harness.number(folder.resolve("slow/ended")), i -> i);
      assertThat(madang.stop()).isZero();
    }
  }

  @Test
  void aForceThatFailsCostsNoAcceptedRow() throws Exception {
    assumeStrace();
    try (AckPeer peer = AckPeer.ordered();
        Madang madang = Madang.serve(Strace.failingDisk(30), home, temp)) {
      madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
      madang.create(pipeline("broken", "block", peer.port(), 5_000, 10));
      Received far = peer.of("broken", "far");
      madang.until("broken", "rows arrive", () -> far.rows() > 50_000);
      Files.writeString(folder.resolve("broken/drain"), "");
      madang.until("broken", "the pipeline ends", () -> madang.state("broken").equals("finished"));
      far.assertExactly(Harness.number(folder.resolve("broken/ended")), i -> i);
      JsonNode ledger = madang.ledger("broken");
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      Harness.print(
          "EIO at the 30th fdatasync of a thread: %s; alarms: %s",
          far, madang.get("/api/v1/workspaces/default/alarms").findValuesAsText("cause"));
      assertThat(madang.stop()).isZero();
    }
  }

  private static void assumeStrace() throws Exception {
    boolean there = Strace.works();
    if (!there) {
      Harness.print("a slow disk is SKIPPED: strace is not installed or may not trace");
    }
    assumeTrue(there, "strace is not installed or may not trace");
  }

  private static void assertControlPlaneWrites(Madang madang, int port) throws Exception {
    long start = System.nanoTime();
    madang.create(
        """
        pipeline: passing
        durability: none
        source: { use: simulator, config: { every: 100ms } }
        sinks: [ { use: harness/peer, config: { port: %d } } ]
        """
            .formatted(port));
    int status = madang.send(madang.request(Madang.PIPELINES + "/passing").DELETE()).statusCode();
    assertThat(status / 100).as("status of DELETE: %d", status).isEqualTo(2);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("create and delete while the disk is full")
        .isLessThan(Duration.ofSeconds(10));
  }

  /** Looks at how the rows of the source move. */
  private static final class Watch {
    private final Madang madang;
    private long in;
    private long moved = System.nanoTime();
    private long millis;

    Watch(Madang madang) {
      this.madang = madang;
    }

    /** Blocked for two seconds in a row, or rows are dropped; never neither for longer. */
    void untilPolicyShows(String full) throws Exception {
      madang.until(
          "full",
          "the policy " + full + " shows",
          () -> {
            JsonNode ledger = madang.ledger("full");
            long now = ledger.at("/stages/0/in").asLong();
            if (now > in || in == 0) {
              in = now;
              moved = System.nanoTime();
            }
            long rested = System.nanoTime() - moved;
            millis = rested / 1_000_000;
            if (full.equals("block")) {
              assertThat(ledger.at("/dropped").asLong()).as(ledger.toString()).isZero();
              return rested > PATIENCE.toNanos();
            }
            assertThat(rested)
                .as("rows rest, and none is dropped: %s", ledger)
                .isLessThan(PATIENCE.toNanos());
            return ledger.at("/dropped").asLong() > 0;
          });
    }
  }
}
