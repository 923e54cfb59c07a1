package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against node-opcua, a server of another code base; see src/test/node-opcua. */
@Timeout(120)
class ForeignServerTest {
  private static final Path PLACE =
      Path.of(System.getProperty("madang.node-opcua", "src/test/node-opcua"));
  private static final String URI = "urn:foreign:plant";

  @TempDir static Path shared = Path.of("");
  private static @Nullable Process server;
  private static int port;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    if (!Files.isDirectory(PLACE.resolve("node_modules/node-opcua"))) {
      System.out.println(
          "node-opcua is not installed in " + PLACE + " (npm install): its tests are left out");
      Assumptions.abort("node-opcua is not installed");
    }
    port = Plant.freePort();
    Process started =
        new ProcessBuilder("node", "server.js", String.valueOf(port), shared.toString())
            .directory(PLACE.toFile())
            .redirectErrorStream(true)
            .start();
    server = started;
    BufferedReader lines = started.inputReader();
    StringBuilder said = new StringBuilder();
    String line;
    while ((line = lines.readLine()) != null && !line.equals("ready")) {
      said.append(line).append('\n');
    }
    assertThat(line).as(said.toString()).isEqualTo("ready");
    Thread.ofVirtual().start(() -> drain(lines));
  }

  private static void drain(BufferedReader lines) {
    try {
      while (lines.readLine() != null) {
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      // It has ended.
    }
  }

  @AfterAll
  static void stop() throws Exception {
    Process running = server;
    if (running != null) {
      running.getOutputStream().close();
      running.waitFor();
    }
  }

  private static Configs at(int to, String... names) {
    Configs configs = new Configs("opc.tcp://127.0.0.1:" + to + "/plant");
    configs.timeout = Duration.ofSeconds(15);
    configs.publishing = Duration.ofMillis(50);
    for (String name : names) {
      configs.tag(tag(name));
    }
    return configs;
  }

  private static Configs.Tagged tag(String name) {
    return new Configs.Tagged(name).node("nsu=" + URI + ";s=" + name);
  }

  private static void awaitCount(Running running, int more) throws Exception {
    int before = running.values("counter").size();
    Await.until(
        "the counter goes on",
        Duration.ofSeconds(40),
        () -> running.values("counter").size() >= before + more);
  }

  @Test
  void valuesOfEachKindComeWithStatusAndTime() throws Exception {
    Configs configs =
        at(port, "counter", "wide", "words", "faulty", "mode")
            .tag(new Configs.Tagged("second").node("nsu=" + URI + ";s=array").range("1"))
            .tag(new Configs.Tagged("all").node("nsu=" + URI + ";s=array").range("0:2"))
            .tag(new Configs.Tagged("modeText").node("nsu=" + URI + ";s=mode").asText());
    try (Running running = new Running(configs.build(), arrow.get())) {
      awaitCount(running, 50);
      assertThat(running.values("wide")).containsExactly(9_007_199_254_740_993L);
      assertThat(running.values("words")).containsExactly("마당");
      assertThat(running.values("second")).containsExactly(2.5);
      assertThat(running.values("all[2]")).containsExactly(3.5);
      assertThat(running.values("mode")).containsExactly(1.0);
      assertThat(running.values("modeText")).containsExactly("Running");
      assertThat(running.rows("faulty"))
          .singleElement()
          .satisfies(row -> {
            assertThat(row.get("status")).isEqualTo(0x808C_0000);
            assertThat(row.get("sourceTime")).isEqualTo(1_767_225_600_123_000_000L);
          });
      assertInOrder(running.values("counter"));
    }
  }

  private static void assertInOrder(List<Object> values) {
    for (int i = 1; i < values.size(); i++) {
      assertThat((Double) values.get(i)).isEqualTo((Double) values.get(i - 1) + 1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Policy.class,
      names = {"BASIC256SHA256", "AES128_SHA256_RSAOAEP", "AES256_SHA256_RSAPSS"})
  void valuesComeOverEachPolicy(Policy policy) throws Exception {
    for (Mode mode : Mode.values()) {
      Configs configs = at(port, "counter");
      configs.policy = Optional.of(policy);
      configs.mode = Optional.of(mode);
      configs.user = Optional.of("operator");
      configs.password = Optional.of(new kr.madang.sdk.config.Secret("gawi"));
      trust(configs);
      try (Running running = new Running(configs.build(), arrow.get())) {
        awaitCount(running, 3);
      }
    }
  }

  /** Moves the server's certificate as a person would. */
  private void trust(Configs configs) throws Exception {
    configs.pki = folder;
    // Made by node-opcua for this machine's name.
    configs.checkHostName = false;
    try (Running running = new Running(configs.build(), arrow.get())) {
      if (running.failure() == null) {
        return;
      }
      assertThat(Objects.requireNonNull(running.failure()))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("is not trusted yet");
    }
    try (Stream<Path> rejected = Files.list(folder.resolve("rejected"))) {
      Path file = rejected.findFirst().orElseThrow();
      Files.move(
          file,
          folder.resolve("trusted").resolve(file.getFileName()),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void aCutConnectionLosesNothing() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(port)) {
      try (Running running = new Running(at(proxy.port(), "counter").build(), arrow.get())) {
        awaitCount(running, 10);
        for (int i = 0; i < 3; i++) {
          long connections = proxy.connections();
          proxy.cut();
          Await.until("it came back", () -> proxy.connections() > connections);
          awaitCount(running, 20);
        }
        List<Object> values = running.values("counter");
        // It may number what was on its way anew, so that a sample comes twice; none may be
        // missing.
        assertInOrder(values.stream().distinct().toList());
        assertThat(values.stream().map(Double.class::cast).toList()).isSorted();
      }
    }
  }

  @Test
  void aGapIsFilledFromItsHistory() throws Exception {
    Configs configs = at(port, "recorded", "counter");
    configs.backfill = true;
    Instant latest = Instant.now().minusSeconds(1_500);
    try (Running running = new Running(configs.build(), arrow.get(), Optional.of(latest))) {
      awaitCount(running, 1);
      List<Object> values = running.values("recorded");
      assertThat(values).hasSizeGreaterThan(1_000).endsWith(1_999.0);
      // The first one is what the node held before its past was written.
      assertInOrder(values.subList(1, values.size()));
    }
  }

  @Test
  void itsTreeIsBrowsedAndItsNodesAreWritten() throws Exception {
    try (Running running = new Running(at(port, "speed", "counter").build(), arrow.get())) {
      awaitCount(running, 1);
      List<Tag> objects = running.feed().browse("", "", 100);
      assertThat(objects.stream().map(Tag::name)).contains("nsu=" + URI + ";s=Device");
      List<Tag> first = running.feed().browse("nsu=" + URI + ";s=Device", "", 4);
      List<Tag> second =
          running.feed().browse("nsu=" + URI + ";s=Device", first.getLast().name(), 4);
      assertThat(first).hasSizeGreaterThanOrEqualTo(4).doesNotContainAnyElementsOf(second);
      assertThat(running.feed().command("speed", 42.5)).isEqualTo(42.5);
      running.awaitValue("speed", 42.5);
      assertThatThrownBy(() -> running.feed().command("speed", 101))
          .hasMessageContaining("a value from 0.0 to 100.0");
    }
  }

  @Test
  void aGoodConfigPassesTheCheck() {
    CollectedVerification verification = new CollectedVerification();
    try {
      new OpcUaSource().verify(at(port, "counter", "words").build(), verification);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(verification.results()).allMatch(line -> line.endsWith(": ok"));
  }
}
