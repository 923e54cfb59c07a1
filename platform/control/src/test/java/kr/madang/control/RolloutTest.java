package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.control.Rollout.Mode;
import kr.madang.control.Rollout.Stage;
import kr.madang.control.Rollout.State;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static OnnxBuilder numbers(Object... shape) {
    return new OnnxBuilder().input("x", "float32", "n", 1).output("y", "float32", shape);
  }

  private static OnnxBuilder same() {
    return numbers("n", 1).node("Identity", List.of("x"), List.of("y"));
  }

  /** Wrong in one way each; callers send numbers below -1. */
  private static OnnxBuilder wrong(String how) {
    return switch (how) {
      case "throws" ->
          numbers("n", 1)
              .weights("table", new float[] {0, 1}, 2)
              .node("Cast", List.of("x"), List.of("i"), "to=7")
              .node("Abs", List.of("i"), List.of("a"))
              .node("Gather", List.of("table", "a"), List.of("y"));
      case "shape" ->
          // what Compress leaves over is known when it is run, not before
          numbers("n", "m")
              .node("Concat", List.of("x", "x"), List.of("xx"), "axis=1")
              .weights("both", new float[] {1, 1}, 2)
              .node("Cast", List.of("both"), List.of("which"), "to=9")
              .node("Compress", List.of("xx", "which"), List.of("y"), "axis=1");
      case "numbers" -> numbers("n", 1).node("Abs", List.of("x"), List.of("y"));
      case "nan" -> numbers("n", 1).node("Sqrt", List.of("x"), List.of("y"));
      case "slow" -> slow();
      default -> throw new IllegalArgumentException(how);
    };
  }

  /** Twenty layers of 512 by 512. */
  private static OnnxBuilder slow() {
    int wide = 512;
    OnnxBuilder graph =
        numbers("n", 1)
            .weights("in", new float[wide], 1, wide)
            .weights("w", new float[wide * wide], wide, wide)
            .weights("out", new float[wide], wide, 1)
            .node("MatMul", List.of("x", "in"), List.of("h0"));
    for (int i = 0; i < 20; i++) {
      graph.node("MatMul", List.of("h" + i, "w"), List.of("h" + (i + 1)));
    }
    return graph
        .node("MatMul", List.of("h20", "out"), List.of("nothing"))
        .node("Add", List.of("x", "nothing"), List.of("y"));
  }

  /** Says what came, by whom; waits for it. */
  private record Said(String version, float value, String message) {}

  private static Said ask(Control control, float x) throws Exception {
    ServedModel served =
        control
            .serving()
            .find(ADMIN, "echo", "")
            .orElseGet(() -> control.serving().open(ADMIN, "echo", ""));
    try (served) {
      ByteBuffer data = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      data.putFloat(0, x);
      CompletableFuture<Said> said = new CompletableFuture<>();
      served.infer(
          new Call(List.of(new Tensor("x", "float32", new long[] {1, 1}, data))),
          Hold.BRIEF,
          new Reply() {
            @Override
            public void answered(Answer answer) {
              try (answer) {
                float value = answer.outputs().getFirst().data().getFloat(0);
                said.complete(new Said(served.version(), value, ""));
              }
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              said.complete(new Said(served.version(), 0, message));
            }
          });
      return said.get(60, TimeUnit.SECONDS);
    }
  }

  private static Rollout.Wish wish(Mode mode, double share, Duration watch, double maxShift) {
    return new Rollout.Wish(
        "2.0.0", mode, share, 1, watch, 0.02, 3, 0.9, 0.001, Map.of(), maxShift);
  }

  private void furnish(OnnxBuilder fresh) {
    TinyModel.furnish(home, "echo", "1.0.0", same());
    TinyModel.furnish(home, "echo", "2.0.0", fresh);
  }

  private static Rollout now(House house) {
    return house.control.rollouts().get(ADMIN, "echo").orElseThrow();
  }

  /** Versions in memory for callers. */
  private static List<String> loaded(House house) {
    return house.control.serving().index(ADMIN).stream()
        .filter(one -> one.figures().isPresent())
        .map(ModelStanding::version)
        .toList();
  }

  private static void awaitCause(House house, String cause, boolean active) throws Exception {
    Await.until(
        cause,
        () ->
            house.control.alarms().list(ADMIN, House.WS).stream()
                .anyMatch(alarm -> alarm.cause().equals(cause) && alarm.active() == active));
  }

  @ParameterizedTest
  @CsvSource({
    "throws,of its runs failed",
    "shape,in another shape",
    "numbers,of the rows agree",
    "nan,no number",
    "slow,times as long"
  })
  void aBadVersionIsGivenUpInTheShadowAndNoCallerMeetsIt(String how, String why) throws Exception {
    furnish(wrong(how));
    try (House house = House.open(home, arrow.get())) {
      house.control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      house
          .control
          .rollouts()
          .start(ADMIN, "echo", wish(Mode.SHADOW_THEN_CANARY, 1, Duration.ofMinutes(5), 0));
      awaitCause(house, "model.changing", true);
      List<Said> strange = new ArrayList<>();
      float[] x = {-2};
      Await.until(
          "it is given up",
          () -> {
            x[0] = x[0] < -100 ? -2 : x[0] - 1;
            Said said = ask(house.control, x[0]);
            if (said.value() != x[0] || !said.version().equals("1.0.0")) {
              strange.add(said);
            }
            return now(house).state() != State.RUNNING;
          });
      assertThat(strange).isEmpty();
      Rollout end = now(house);
      assertThat(end.state()).isEqualTo(State.ROLLED_BACK);
      assertThat(end.reason()).contains(why);
      assertThat(end.stage()).isEqualTo(Stage.SHADOW);
      assertThat(end.seen().runs()).isPositive();
      awaitCause(house, "model.rolledBack", true);
      awaitCause(house, "model.changing", false);
      Await.until("its memory is free", () -> loaded(house).equals(List.of("1.0.0")));
      assertThat(house.inference.slabs().taken()).isZero();
    }
    try (House house = House.open(home, arrow.get())) {
      Rollout known = now(house);
      assertThat(known.state()).isEqualTo(State.ROLLED_BACK);
      assertThat(known.reason()).as("a restart does not forget why").contains(why);
      assertThat(known.seen().runs()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "throws,of its runs failed",
    "shape,in another shape",
    "numbers,is spread otherwise",
    "nan,no number",
    "slow,times as long"
  })
  void aBadVersionThatAnswersAShareIsGivenUp(String how, String why) throws Exception {
    furnish(wrong(how));
    try (House house = House.open(home, arrow.get())) {
      house.control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      house
          .control
          .rollouts()
          .start(ADMIN, "echo", wish(Mode.CANARY, 0.5, Duration.ofMinutes(5), 0.25));
      float[] x = {-2};
      Await.until(
          "it is given up",
          () -> {
            x[0] = x[0] < -100 ? -2 : x[0] - 1;
            ask(house.control, x[0]);
            return now(house).state() != State.RUNNING;
          });
      assertThat(now(house).state()).isEqualTo(State.ROLLED_BACK);
      assertThat(now(house).reason()).contains(why);
      for (int i = 0; i < 50; i++) {
        assertThat(ask(house.control, -5).version()).isEqualTo("1.0.0");
      }
    }
  }

  @Test
  void aGoodVersionIsComparedThenAnswersItsShareThenStandsForTheName() throws Exception {
    furnish(same());
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      rollouts.start(
          ADMIN, "echo", wish(Mode.SHADOW_THEN_CANARY, 0.5, Duration.ofMillis(700), 0.25));
      Await.until(
          "something is compared",
          () -> {
            assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
            Rollout.Seen seen = now(house).seen();
            return seen.compared() >= 30 || now(house).stage() == Stage.CANARY;
          });
      assertThat(now(house).seen().agreement()).isEqualTo(1);
      assertThat(now(house).seen().freshMedian()).isPositive();
      Await.until(
          "it answers its share",
          () -> {
            ask(house.control, 3);
            return now(house).stage() == Stage.CANARY;
          });
      Await.until(
          "it stands for the name",
          () -> {
            assertThat(ask(house.control, 3).value()).isEqualTo(3);
            return now(house).state() == State.PROMOTED;
          });
      assertThat(ask(house.control, 3).version()).isEqualTo("2.0.0");
      Await.until("the old one is gone", () -> loaded(house).equals(List.of("2.0.0")));
      assertThat(rollouts.back(ADMIN, "echo").state()).isEqualTo(State.ROLLED_BACK);
      assertThat(ask(house.control, 3).version()).as("one call back").isEqualTo("1.0.0");
      assertThatThrownBy(() -> rollouts.back(ADMIN, "echo")).hasMessageContaining("not changing");
    }
  }

  @Test
  void whatIsOnlyToBeComparedDoesNotChangeTheModel() throws Exception {
    furnish(same());
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      rollouts.start(ADMIN, "echo", wish(Mode.SHADOW, 1, Duration.ofMillis(300), 0.25));
      Await.until(
          "it has ended",
          () -> {
            assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
            return now(house).state() == State.COMPARED;
          });
      assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
    }
  }

  @Test
  void aVersionThatNobodyAskedIsNotTrusted() throws Exception {
    furnish(same());
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      rollouts.start(ADMIN, "echo", wish(Mode.SHADOW_THEN_CANARY, 1, Duration.ZERO, 0.25));
      Await.until("it has ended", () -> now(house).state() == State.ROLLED_BACK);
      assertThat(now(house).reason()).contains("0 rows could be compared");
    }
  }

  @Test
  void tensorsThatCallersWouldStumbleOverAreRefusedBeforeAnythingChanges() throws Exception {
    furnish(
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .node("Identity", List.of("x"), List.of("y")));
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      assertThatThrownBy(
              () -> rollouts.start(ADMIN, "echo", wish(Mode.CANARY, 1, Duration.ZERO, 0)))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ControlError.CONFLICT))
          .hasMessageContaining("input 'x': expected float32 [-1, 1], got float32 [-1, 2]");
      assertThat(rollouts.get(ADMIN, "echo")).isEmpty();
      assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
    }
  }

  @Test
  void aRestartTakesUpWhatWasNotAtItsEnd() throws Exception {
    furnish(same());
    try (House house = House.open(home, arrow.get())) {
      Rollouts rollouts = house.control.rollouts();
      rollouts.alias(ADMIN, "echo", "champion", "1.0.0");
      rollouts.start(
          ADMIN, "echo", wish(Mode.SHADOW_THEN_CANARY, 0.5, Duration.ofMinutes(5), 0.25));
    }
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Await.until(
          "it goes on",
          () -> {
            assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
            return now(house).seen().compared() > 0;
          });
      assertThat(now(house).state()).isEqualTo(State.RUNNING);
      assertThat(now(house).wish().mode()).isEqualTo(Mode.SHADOW_THEN_CANARY);
    }
    TinyModel.remove(home, "echo", "2.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Await.until("it is ended", () -> now(house).state() == State.ROLLED_BACK);
      assertThat(now(house).reason()).contains("after a restart").contains("2.0.0");
      assertThat(now(house).ended()).isNotEqualTo(Optional.empty());
      assertThat(ask(house.control, 3).version()).isEqualTo("1.0.0");
    }
  }
}
