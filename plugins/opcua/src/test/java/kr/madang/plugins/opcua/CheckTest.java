package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import kr.madang.sdk.testkit.CollectedVerification;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CheckTest {
  @Test
  void aGoodConfigPassesEachStepAndShowsWhatTheServerRevised() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.leastPublishing = 100;
    setup.leastSampling = 250;
    setup.mostQueue = 3;
    try (Plant plant =
        new Plant(setup).add("flow", NodeIds.Double, 1.0).add("level", NodeIds.Double, 1.0)) {
      assertThat(verify(Configs.at(plant, "flow", "level")))
          .containsExactly(
              "reach " + plant.endpoint() + ": ok",
              "agree on security and login: ok",
              "trust the server's certificate (none): ok",
              "connect and sign in: ok",
              "find 2 nodes: ok",
              "read each node once: ok",
              "subscribe: ok",
              "the server revised: publishing interval 20 ms became 250 ms: ok",
              "the server revised: sampling interval 0 ms became 250 ms for flow, level: ok",
              "the server revised: queue size 1000 became 3 for flow, level: ok");
      assertThat(plant.sessions()).isZero();
    }
  }

  @Test
  void whatIsWrongIsNamedByTag() throws Exception {
    try (Plant plant =
        new Plant()
            .add("flow", NodeIds.Double, 1.0)
            .add("array", NodeIds.Double, new Double[] {1.0})) {
      assertThat(verify(Configs.at(plant, "flow", "gone", "lost")))
          .anySatisfy(line ->
              assertThat(line)
                  .startsWith("find 3 nodes:")
                  .contains("gone: Bad_NodeIdUnknown")
                  .contains("lost: Bad_NodeIdUnknown"));
      assertThat(verify(Configs.at(plant, "array")))
          .anySatisfy(line ->
              assertThat(line)
                  .startsWith("read each node once:")
                  .contains("array: expected a single value, got an array of 1")
                  .contains("range"));
    }
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    Configs configs = new Configs("opc.tcp://127.0.0.1:" + Plant.freePort() + "/plant").tag("x");
    configs.timeout = Duration.ofSeconds(1);
    List<String> lines = verify(configs);
    assertThat(lines.getFirst()).startsWith("reach opc.tcp://127.0.0.1").contains("refused");
    assertThat(lines.get(1)).endsWith(": skipped");
  }

  private static List<String> verify(Configs configs) throws Exception {
    CollectedVerification verification = new CollectedVerification();
    new OpcUaSource().verify(configs.build(), verification);
    return verification.results();
  }
}
