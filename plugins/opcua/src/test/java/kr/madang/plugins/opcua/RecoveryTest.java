package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class RecoveryTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @Test
  void aCutConnectionLosesNothingAndSaysNothing() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, -1.0);
        FaultProxy proxy = FaultProxy.to(plant.port());
        Running running =
            new Running(Configs.at(plant, proxy.port(), "flow").build(), arrow.get())) {
      running.awaitValue("flow", -1.0);
      for (int i = 0; i < 60; i++) {
        plant.set("flow", (double) i);
        if (i % 20 == 10) {
          long connections = proxy.connections();
          proxy.cut();
          Await.until("it came back", () -> proxy.connections() > connections);
        }
      }
      running.awaitValue("flow", 59.0);
      assertThat(running.values("flow"))
          .containsExactlyElementsOf(
              IntStream.range(-1, 60).mapToObj(i -> (Object) (double) i).toList());
      assertThat(plant.sessions()).isOne();
    }
  }

  @Test
  void samplesTakenWhileTheServerIsAwayArriveAfterwards() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0);
        FaultProxy proxy = FaultProxy.to(plant.port());
        Running running =
            new Running(Configs.at(plant, proxy.port(), "flow").build(), arrow.get())) {
      running.awaitValue("flow", 0.0);
      proxy.set(new Fault.Refuse());
      plant.set("flow", 1.0);
      plant.set("flow", 2.0);
      proxy.set(new Fault.Pass());
      running.awaitValue("flow", 2.0);
      assertThat(running.values("flow")).containsExactly(0.0, 1.0, 2.0);
    }
  }

  @Test
  void aSessionThatWasKilledIsReplacedAndItsSubscriptionsTakenOver() throws Exception {
    try (Plant plant =
            new Plant().add("flow", NodeIds.Double, 0.0).add("level", NodeIds.Double, 7.0);
        // The standard lets nobody but a known user take over without security.
        Running running =
            new Running(
                Configs.at(plant, "flow", "level").operator().trusting(folder).build(),
                arrow.get())) {
      running.awaitValue("level", 7.0);
      plant.killSessions(false);
      plant.set("flow", 1.0);
      running.awaitValue("flow", 1.0);
      assertThat(running.values("flow")).doesNotContain("Bad_NoCommunication");
      assertThat(running.values("level")).endsWith(7.0);
      assertThat(plant.subscriptions()).isOne();
    }
  }

  @Test
  void subscriptionsThatCannotBeTakenOverAreMadeAnewAndTheGapIsSeen() throws Exception {
    try (Plant plant =
            new Plant().add("flow", NodeIds.Double, 0.0).add("level", NodeIds.Double, 7.0);
        Running running = new Running(Configs.at(plant, "flow", "level").build(), arrow.get())) {
      running.awaitValue("level", 7.0);
      plant.gaps().refuseTransfer();
      plant.killSessions(false);
      Await.until(
          "the tags are Bad", () -> running.values("level").contains("Bad_NoCommunication"));
      running.awaitValue("level", 7.0);
      plant.set("flow", 1.0);
      running.awaitValue("flow", 1.0);
    }
  }

  @Test
  void aSessionKilledWithItsSubscriptionsStartsAnew() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 3.0);
        Running running = new Running(Configs.at(plant, "flow").build(), arrow.get())) {
      running.awaitValue("flow", 3.0);
      plant.killSessions(true);
      Await.until(
          "Bad, then the value again",
          () -> running.values("flow").equals(List.of(3.0, "Bad_NoCommunication", 3.0)));
    }
  }

  @Test
  void aMissingMessageIsAskedForAgain() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0);
        Running running = new Running(Configs.at(plant, "flow").build(), arrow.get())) {
      running.awaitValue("flow", 0.0);
      plant.gaps().swallow(2);
      plant.set("flow", 1.0);
      Await.until("one is gone", () -> plant.gaps().swallowed() || halfGone(plant));
      plant.set("flow", 2.0);
      Await.until("both are gone", plant.gaps()::swallowed);
      plant.set("flow", 3.0);
      running.awaitValue("flow", 3.0);
      assertThat(running.values("flow")).containsExactly(0.0, 1.0, 2.0, 3.0);
      assertThat(plant.gaps().republished()).isEqualTo(2);
    }
  }

  private static boolean halfGone(Plant plant) {
    return plant.gaps().left() == 1;
  }

  @Test
  void aLostMessageMakesItsTagsBadUntilTheyAreReadAnew() throws Exception {
    try (Plant plant =
            new Plant().add("flow", NodeIds.Double, 0.0).add("level", NodeIds.Double, 7.0);
        Running running = new Running(Configs.at(plant, "flow", "level").build(), arrow.get())) {
      running.awaitValue("flow", 0.0);
      plant.gaps().forget();
      plant.gaps().swallow(1);
      plant.set("flow", 1.0);
      Await.until("it is gone", plant.gaps()::swallowed);
      plant.set("level", 8.0);
      running.awaitValue("flow", 1.0);
      assertThat(running.values("flow")).containsExactly(0.0, "Bad_DataLost", 1.0);
      assertThat(running.values("level")).contains("Bad_DataLost").endsWith(8.0);
    }
  }

  @Test
  void aServerThatFallsSilentIsLeft() throws Exception {
    Configs configs;
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0);
        FaultProxy proxy = FaultProxy.to(plant.port())) {
      configs = Configs.at(plant, proxy.port(), "flow");
      configs.keepAlive = Duration.ofMillis(200);
      configs.timeout = Duration.ofMillis(500);
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 0.0);
        proxy.set(new Fault.HalfOpen());
        Await.until("the source gives up", running::ended);
        assertThat(running.failure())
            .isInstanceOf(PluginException.class)
            .hasMessageContaining("did not come back within 3 s");
      }
    }
  }

  @Test
  void aServerThatFallsSilentForAMomentLosesNothing() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      Configs configs = Configs.at(plant, "flow");
      configs.keepAlive = Duration.ofMillis(200);
      configs.timeout = Duration.ofMillis(500);
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 0.0);
        plant.gaps().silent(true);
        plant.set("flow", 1.0);
        Await.until("the source asks again", () -> plant.gaps().republished() > 0);
        plant.gaps().silent(false);
        plant.set("flow", 2.0);
        running.awaitValue("flow", 2.0);
        assertThat(running.values("flow")).containsExactly(0.0, 1.0, 2.0);
      }
    }
  }

  @Test
  void aRestartWithOtherNamespaceIndicesFindsTheNodesAgain() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    Plant plant =
        new Plant(setup).add("flow", NodeIds.Double, 1.0).add("level", NodeIds.Double, 5.0);
    setup.port = plant.port();
    int before = plant.node("level").getNodeId().getNamespaceIndex().intValue();
    Configs configs =
        Configs.at(plant, "flow")
            .tag(new Configs.Tagged("level").node("ns=" + before + ";s=level"));
    try (Running running = new Running(configs.build(), arrow.get())) {
      running.awaitValue("level", 5.0);
      plant.close();
      setup.namespacesBefore = List.of("urn:another", "urn:and:another");
      plant = new Plant(setup).add("flow", NodeIds.Double, 2.0).add("level", NodeIds.Double, 6.0);
      assertThat(plant.node("level").getNodeId().getNamespaceIndex().intValue())
          .isNotEqualTo(before);
      running.awaitValue("flow", 2.0);
      running.awaitValue("level", 6.0);
      assertThat(running.values("flow")).containsExactly(1.0, "Bad_NoCommunication", 2.0);
    } finally {
      plant.close();
    }
  }

  @Test
  void aServerThatStaysAwayEndsTheSource() throws Exception {
    Plant plant = new Plant().add("flow", NodeIds.Double, 1.0);
    try (Running running = new Running(Configs.at(plant, "flow").build(), arrow.get())) {
      running.awaitValue("flow", 1.0);
      plant.close();
      Await.until("the source gives up", running::ended);
      assertThat(running.failure())
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code().retriable()).isTrue())
          .hasMessageContaining("did not come back");
    }
  }

  @Test
  void aFullPipelineKeepsTheSubscriptionAndTellsWhatTheServerDropped() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      Configs configs = Configs.at(plant).tag(new Configs.Tagged("flow").queue(5, true));
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 0.0);
        running.block(true);
        for (int i = 1; i <= 200_000; i++) {
          plant.set("flow", (double) i);
        }
        running.block(false);
        running.awaitValue("flow", 200_000.0);
        assertThat(running.rows("flow"))
            .anyMatch(row -> Values.overflow((Integer) row.get("status")));
      }
    }
  }
}
