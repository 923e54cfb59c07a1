package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    source: { use: counter, config: { rows: 1000, batch: 10, endless: true, upTo: allowed } }
    steps: [ { model: { use: '%s' } } ]
    sinks: [ { use: lines, config: { file: out.txt, values: values.txt } } ]
    """
        .formatted(model);
  }

  private List<Double> values() {
    try {
      Path file = home.resolve("data/values.txt");
      return Files.exists(file)
          ? Files.readAllLines(file).stream().map(Double::valueOf).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** So many rows may go through the pipeline. */
  private void allow(int rows) throws IOException {
    Path next = Files.writeString(home.resolve("next"), Integer.toString(rows));
    Files.createDirectories(home.resolve("data"));
    Files.move(
        next,
        home.resolve("data/allowed"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private void pass(int rows) throws Exception {
    allow(rows);
    Await.until(rows + " rows came through", () -> values().size() >= rows);
  }

  @Test
  void aPipelineFollowsAnAliasBetweenTwoBatchesAndLosesAndDoublesNothing() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity", 1));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg", 1));
    int changes = 9;
    int rows = 50 * changes;
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Rollouts rollouts = house.control.rollouts();
      house.create(document("echo@stable"));
      Await.until("it waits", () -> house.view("p").state() == State.PARKED);
      assertThat(house.view("p").reason()).contains("model 'echo' has no alias 'stable'");
      rollouts.alias(ADMIN, "echo", "stable", "1.0.0");
      pass(10);
      for (int i = 0; i < changes; i++) {
        allow(50 * (i + 1));
        rollouts.alias(ADMIN, "echo", "stable", i % 2 == 0 ? "2.0.0" : "1.0.0");
        pass(50 * (i + 1));
      }
      List<Double> all = values();
      assertThat(all).hasSize(rows);
      rollouts.alias(ADMIN, "echo", "stable", "1.0.0");
      pass(rows + 10);
      assertThat(values().getLast()).isEqualTo(rows + 9);
      int switches = 0;
      for (int i = 0; i < rows; i++) {
        assertThat(Math.abs(all.get(i))).isEqualTo(i);
        if (i > 1 && Math.signum(all.get(i)) != Math.signum(all.get(i - 1))) {
          switches++;
          assertThat(i % 10).as("a batch is run by one version").isZero();
        }
      }
      assertThat(switches).isBetween(1, changes);
      assertThat(house.view("p").pins())
          .extracting(PipelineView.Pin::resolved)
          .contains("echo@stable");
      // nobody else holds the one that it left
      house.control.serving().letGo("echo", "1.0.0");
      house.control.serving().letGo("echo", "2.0.0");
      assertThat(house.control.models().list(ADMIN))
          .filteredOn(model -> model.state().equals("loaded"))
          .hasSize(1);
    }
  }

  @Test
  void theChampionMovesWithARolloutAndAVersionThatDoesNotFitIsToldOf() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity", 1));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg", 1));
    TinyModel.furnish(home, "echo", "3.0.0", one("Identity", 2));
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      house.control.reconcile();
      house.create(document("echo@champion"));
      pass(20);
      rollouts.start(ADMIN, "echo", new Rollout.Wish("2.0.0", 1, Duration.ofMinutes(5), 1, 1_000));
      pass(40);
      assertThat(values()).as("the old one stands").allMatch(value -> value >= 0);
      rollouts.promote(ADMIN, "echo");
      pass(60);
      assertThat(values().getLast()).isEqualTo(-59);
      rollouts.alias(ADMIN, "echo", "champion", "3.0.0");
      pass(80);
      assertThat(values().getLast()).as("it stays as it is").isEqualTo(-79);
      Await.until(
          "somebody is told",
          () ->
              house.control.alarms().list(ADMIN, House.WS).stream()
                  .anyMatch(alarm -> alarm.cause().equals("pipeline.modelNotFollowed")));
      assertThat(house.view("p").state()).isEqualTo(State.RUNNING);
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      pass(100);
      assertThat(values().getLast()).isEqualTo(99);
    }
  }
}
