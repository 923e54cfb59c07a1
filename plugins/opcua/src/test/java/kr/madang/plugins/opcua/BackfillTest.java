package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class BackfillTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  private final Instant now = Instant.now();

  @Test
  void aGapIsFilledPageByPageAndThenGoesLive() throws Exception {
    try (Plant plant =
        new Plant().add("flow", NodeIds.Double, 0.0).add("new", NodeIds.Double, 5.0)) {
      List<DataValue> past = past(2_500);
      plant.record("flow", past);
      plant.set("flow", past.getLast());
      Configs configs = Configs.at(plant, "flow", "new");
      configs.backfill = true;
      Instant latest = now.minusSeconds(2_000);
      try (Running running = new Running(configs.build(), arrow.get(), Optional.of(latest))) {
        running.awaitValue("new", 5.0);
        Await.until("the whole gap", () -> running.values("flow").size() >= 2_000);
        plant.set("flow", -1.0);
        running.awaitValue("flow", -1.0);
        List<Object> values = running.values("flow");
        assertThat(values.getFirst()).as("not what was accepted long before").isIn(499.0, 500.0);
        List<Object> expected = new ArrayList<>();
        for (int i = ((Double) values.getFirst()).intValue(); i < 2_500; i++) {
          expected.add((double) i);
        }
        expected.add(-1.0);
        assertThat(values).as("each once, in order").isEqualTo(expected);
      }
    }
  }

  @Test
  void aGapIsNotFilledFurtherBackThanAllowed() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      List<DataValue> past = past(100);
      plant.record("flow", past);
      plant.set("flow", past.getLast());
      Configs configs = Configs.at(plant, "flow");
      configs.backfill = true;
      configs.backfillAtMost = Duration.ofSeconds(10);
      try (Running running =
          new Running(configs.build(), arrow.get(), Optional.of(Instant.EPOCH))) {
        running.awaitValue("flow", 99.0);
        assertThat(running.values("flow")).hasSizeLessThanOrEqualTo(11);
      }
    }
  }

  @Test
  void pagesWithoutEndAreLeft() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      plant.record("flow", past(100));
      plant.endlessHistory();
      Configs configs = Configs.at(plant, "flow");
      configs.backfill = true;
      try (Running running =
          new Running(configs.build(), arrow.get(), Optional.of(now.minusSeconds(1_000)))) {
        running.awaitValue("flow", 0.0);
        assertThat(running.values("flow")).hasSizeBetween(100, 102);
      }
    }
  }

  @Test
  void nothingIsFilledAtTheFirstStart() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      plant.record("flow", past(100));
      Configs configs = Configs.at(plant, "flow");
      configs.backfill = true;
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 0.0);
        assertThat(running.values("flow")).hasSize(1);
      }
    }
  }

  /** One sample a second, the last one a second ago. */
  private List<DataValue> past(int count) {
    List<DataValue> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DateTime time = new DateTime(now.minusSeconds(count - i));
      values.add(new DataValue(new Variant((double) i), StatusCode.GOOD, time, time));
    }
    return values;
  }
}
