package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class FeedTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void eachChangeArrivesInOrder() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 1.5);
        Running running = new Running(Configs.at(plant, "flow").build(), arrow.get())) {
      running.awaitValue("flow", 1.5);
      for (int i = 0; i < 100; i++) {
        plant.set("flow", (double) i);
      }
      running.awaitValue("flow", 99.0);
      assertThat(running.values("flow")).hasSize(101);
    }
  }
}
