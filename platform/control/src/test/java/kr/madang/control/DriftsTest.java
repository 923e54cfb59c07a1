package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Reply;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DriftsTest {
  private static final String KNOWN =
      """
      baseline:
        inputs:
          load: { edges: [-1, 0, 1], shares: [0.16, 0.34, 0.34, 0.16], low: -4, high: 4, rows: 5000 }
      """;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;
  private final Random random = new Random(3);

  private void furnish(String more) throws IOException {
    Path plugin = home.resolve("catalogue/brain-1.0.0");
    Path folder = Files.createDirectories(plugin.resolve("models/press"));
    Files.writeString(
        plugin.resolve("plugin.properties"),
        "plugin.id=brain\nplugin.version=1.0.0\nplugin.requires=*\n");
    Files.writeString(
        folder.resolve("model.yaml"),
        "name: press\nversion: 1.0.0\ninputs: { x: { fields: [load] } }\n" + more);
    new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .node("Neg", List.of("x"), List.of("y"))
        .write(folder.resolve("model.onnx"));
  }

  private void ask(House house, double shift) throws Exception {
    int rows = 32;
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    try (ServedModel served = house.control.serving().open(ADMIN, "press", "")) {
      ByteBuffer data = ByteBuffer.allocateDirect(4 * rows).order(ByteOrder.nativeOrder());
      for (int i = 0; i < rows; i++) {
        data.putFloat(4 * i, (float) (shift + random.nextGaussian()));
      }
      served.infer(
          new Call(List.of(new Tensor("x", "float32", new long[] {rows, 1}, data))),
          Hold.BRIEF,
          new Reply() {
            @Override
            public void answered(Answer answer) {
              answer.close();
              done.complete(true);
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              done.completeExceptionally(new AssertionError(message));
            }
          });
      assertThat(done.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static List<Alarm> active(House house) {
    return house.control.alarms().list(ADMIN, "default").stream()
        .filter(alarm -> alarm.active() && alarm.cause().equals("model.drift"))
        .toList();
  }

  @Test
  void aSensorThatHasMovedRaisesAnAlarmThatClearsItselfAndASteadyOneRaisesNone() throws Exception {
    furnish(KNOWN + "drift: { window: 2s }\n");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      for (int i = 0; i < 300; i++) {
        ask(house, 0);
      }
      assertThat(house.control.drifts().troubles()).isEmpty();
      Drifts.View view = house.control.drifts().of(ADMIN, "press").getFirst();
      assertThat(view.places().getFirst().columns().getFirst().index()).isLessThan(0.1);
      Await.until(
          "it is raised",
          () -> {
            ask(house, 2);
            return !active(house).isEmpty();
          });
      Alarm alarm = active(house).getFirst();
      assertThat(alarm.workspace()).isEqualTo("default");
      assertThat(alarm.stage()).isEqualTo("press@1.0.0");
      assertThat(alarm.message())
          .startsWith("input 'load' of press@1.0.0 has moved from the baseline: stability index ")
          .contains("at most 0.25 is usual");
      Await.until(
          "it is cleared",
          () -> {
            ask(house, 0);
            return active(house).isEmpty();
          });
    }
  }

  @Test
  void anAlarmStandsWhileTooLittleIsSeenToTell() throws Exception {
    furnish(KNOWN + "drift: { window: 1h }\n");
    try (House house = House.open(home, arrow.get())) {
      ask(house, 3);
      assertThat(house.control.drifts().troubles()).as("32 rows are too few").isEmpty();
      for (int i = 0; i < 15; i++) {
        ask(house, 3);
      }
      List<DriftAlarms.Trouble> first = house.control.drifts().troubles();
      assertThat(first).hasSize(1);
      ask(house, 3);
      assertThat(house.control.drifts().troubles()).as("no new message").isEqualTo(first);
    }
  }

  @Test
  void aBaselineThatWasTakenIsKeptAndBeatsTheDeclaredOne() throws Exception {
    furnish(KNOWN);
    try (House house = House.open(home, arrow.get())) {
      Drifts drifts = house.control.drifts();
      assertThatThrownBy(() -> take(drifts, ADMIN)).hasMessageContaining("not in memory");
      ask(house, 5);
      assertThatThrownBy(() -> take(drifts, ADMIN)).hasMessageContaining("100 values of 'load'");
      for (int i = 0; i < 60; i++) {
        ask(house, 5);
      }
      assertThat(drifts.troubles()).hasSize(1);
      Drifts.View view = take(drifts, ADMIN);
      assertThat(view.baseline().inputs().get("load").low()).isGreaterThan(0);
      assertThat(view.baseline().outputs().get("y").shares()).hasSizeGreaterThan(5);
      for (int i = 0; i < 60; i++) {
        ask(house, 5);
      }
      assertThat(drifts.troubles()).isEmpty();
      Caller member = new Caller("m", Role.MEMBER, Set.of("default"));
      assertThatThrownBy(() -> take(drifts, member))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ControlError.FORBIDDEN));
    }
    try (House house = House.open(home, arrow.get())) {
      for (int i = 0; i < 20; i++) {
        ask(house, 5);
      }
      assertThat(house.control.drifts().troubles()).as("after a restart too").isEmpty();
      ask(house, 0);
      Caller other = new Caller("o", Role.VIEWER, Set.of("elsewhere"));
      assertThat(house.control.drifts().of(other, "press").getFirst().places()).isEmpty();
    }
  }

  private static Drifts.View take(Drifts drifts, Caller caller) {
    return drifts.take(caller, "press", "1.0.0", Optional.empty(), Optional.empty());
  }

  @Test
  void aFileOfReferenceRowsIsRunWhenTheModelIsLoaded() throws Exception {
    furnish("baseline: baseline.csv\n");
    StringBuilder rows = new StringBuilder("load\n");
    for (int i = 0; i < 2_000; i++) {
      rows.append(random.nextGaussian()).append('\n');
    }
    Path file = home.resolve("catalogue/brain-1.0.0/models/press/baseline.csv");
    Files.writeString(file, rows);
    try (House house = House.open(home, arrow.get())) {
      ask(house, 0);
      Drifts.View view = house.control.drifts().of(ADMIN, "press").getFirst();
      assertThat(view.baseline().inputs().get("load").edges()).hasSize(9);
      assertThat(view.baseline().outputs().get("y").rows()).isEqualTo(2_000);
    }
  }

  @Test
  void aBaselineThatIsWrongRefusesItsModelByName() throws Exception {
    List<String> wrong =
        List.of(
            "baseline: nothing.csv",
            "baseline: ../../../../control.db",
            "baseline: { inputs: { load: { edges: [1, 1], shares: [0.5, 0.25, 0.25], low: 0, high: 1, rows: 9 } } }",
            "baseline: { inputs: { load: { edges: [1], shares: [0.5, 0.25], low: 0, high: 1, rows: 9 } } }");
    List<String> said =
        List.of(
            "nothing.csv', which is missing",
            "control.db', which is missing",
            "baseline of 'load', edges: expected numbers that rise",
            "baseline of 'load', shares: expected numbers that are 1 together, got 0.75");
    for (int i = 0; i < wrong.size(); i++) {
      furnish(wrong.get(i) + "\n");
      String expected = said.get(i);
      try (House house = House.open(home, arrow.get())) {
        assertThatThrownBy(() -> ask(house, 0))
            .isInstanceOf(PluginException.class)
            .hasMessageContaining(expected);
      }
    }
  }
}
