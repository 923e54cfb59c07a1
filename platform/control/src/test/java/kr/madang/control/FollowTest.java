package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kr.madang.control.PipelineView.State;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FollowTest {
  private static final int ROWS = 600;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static OnnxBuilder one(String operator, int wide) {
    return new OnnxBuilder()
        .input("x", "float32", "n", wide)
        .output("y", "float32", "n", wide)
        .node(operator, List.of("x"), List.of("y"));
  }

  private static String document(String model) {
    return """
    pipeline: p
    source: { use: counter, config: { rows: %d, batch: 10, endless: true } }
    steps: [ { model: { use: '%s' } } ]
    sinks: [ { use: lines, config: { file: out.txt, values: values.txt } } ]
    """
        .formatted(ROWS, model);
  }

  private List<Double> values() {
    try {
      Path file = home.resolve("data/values.txt");
      return Files.exists(file)
          ? Files.readAllLines(file).stream().map(Double::valueOf).toList()
          : List.of();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aPipelineFollowsAnAliasBetweenTwoBatchesAndLosesAndDoublesNothing() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity", 1));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg", 1));
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Rollouts rollouts = house.control.rollouts();
      house.create(document("echo@stable"));
      Await.until("it waits", () -> house.view("p").state() == State.PARKED);
      assertThat(house.view("p").reason()).contains("model 'echo' has no alias 'stable'");
      rollouts.alias(ADMIN, "echo", "stable", "1.0.0");
      int changes = 0;
      while (values().size() < ROWS) {
        int before = values().size();
        if (before > 20) {
          rollouts.alias(ADMIN, "echo", "stable", changes++ % 2 == 0 ? "2.0.0" : "1.0.0");
        }
        Await.until("rows go on", () -> values().size() > before + 20 || values().size() >= ROWS);
      }
      List<Double> all = values();
      assertThat(changes).isGreaterThan(3);
      assertThat(all).hasSize(ROWS);
      int switches = 0;
      for (int i = 0; i < ROWS; i++) {
        assertThat(Math.abs(all.get(i))).isEqualTo(i);
        if (i > 1 && Math.signum(all.get(i)) != Math.signum(all.get(i - 1))) {
          switches++;
          assertThat(i % 10).as("a batch is run by one version").isZero();
        }
      }
      assertThat(switches).isBetween(3, changes);
      assertThat(house.view("p").pins())
          .extracting(PipelineView.Pin::resolved)
          .contains("echo@stable");
      // nobody else holds the one that it left
      house.control.serving().letGo("echo", "1.0.0");
      house.control.serving().letGo("echo", "2.0.0");
      Await.until(
          "one version is in memory",
          () ->
              house.control.models().list(ADMIN).stream()
                      .filter(model -> model.state().equals("loaded"))
                      .count()
                  == 1);
    }
    assertThat(arrow.get().getAllocatedMemory()).isZero();
  }

  @Test
  void theChampionMovesWithARolloutAndAVersionThatDoesNotFitIsToldOf() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity", 1));
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(
          document("echo@champion").replace("rows: 600, batch: 10", "rows: 1000, batch: 1"));
      Await.until("it runs", () -> values().size() > 10);
    }
    Files.delete(home.resolve("data/values.txt"));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg", 1));
    TinyModel.furnish(home, "echo", "3.0.0", one("Identity", 2));
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      house.control.reconcile();
      rollouts.start(ADMIN, "echo", new Rollout.Wish("2.0.0", 1, Duration.ofMinutes(5), 1, 1_000));
      Await.until("it runs", () -> values().size() > 10);
      assertThat(values()).as("the old one stands").allMatch(value -> value >= 0);
      rollouts.promote(ADMIN, "echo");
      Await.until("the new one runs", () -> values().getLast() < 0);
      rollouts.alias(ADMIN, "echo", "champion", "3.0.0");
      Await.until(
          "somebody is told",
          () ->
              house.control.alarms().list(ADMIN, House.WS).stream()
                  .anyMatch(alarm -> alarm.cause().equals("pipeline.modelNotFollowed")));
      int before = values().size();
      Await.until("the old one goes on", () -> values().size() > before);
      assertThat(values().getLast()).isNegative();
      assertThat(house.view("p").state()).isEqualTo(State.RUNNING);
    }
  }
}
