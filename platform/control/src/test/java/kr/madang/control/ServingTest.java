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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.control.Rollout.State;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.CallError;
import kr.madang.inference.Hold;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Reply;
import kr.madang.inference.Share;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ServingTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static OnnxBuilder one(String operator) {
    return new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .node(operator, List.of("x"), List.of("y"));
  }

  /** Looks the number up in a table of four. */
  private static OnnxBuilder lookup() {
    return new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .weights("table", new float[] {0, 1, 2, 3}, 4)
        .node("Cast", List.of("x"), List.of("i"), "to=7")
        .node("Gather", List.of("table", "i"), List.of("y"));
  }

  /** Says what came, by whom; waits for it. */
  private record Said(String version, float value, ErrorCode code, String message) {}

  private static Said ask(Control control, Caller caller, String model, String version, float x)
      throws Exception {
    ServedModel served =
        control
            .serving()
            .find(caller, model, version)
            .orElseGet(() -> control.serving().open(caller, model, version));
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
                said.complete(
                    new Said(
                        served.version(),
                        answer.outputs().getFirst().data().getFloat(0),
                        ErrorCode.BUG,
                        ""));
              }
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              said.complete(new Said(served.version(), 0, code, message));
            }
          });
      return said.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void theHighestVersionAnswersByNameUnlessAnAliasSaysOtherwise() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg"));
    try (House house = House.open(home, arrow.get())) {
      Control control = house.control;
      assertThat(ask(control, ADMIN, "echo", "", 3).value()).isEqualTo(-3);
      assertThat(ask(control, ADMIN, "echo", "1.0.0", 3).value()).isEqualTo(3);
      control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      control.rollouts().alias(ADMIN, "echo", "challenger", "2.0.0");
      assertThat(ask(control, ADMIN, "echo", "", 3).value()).isEqualTo(3);
      assertThat(ask(control, ADMIN, "echo", "challenger", 3).version()).isEqualTo("2.0.0");
      assertThatThrownBy(() -> ask(control, ADMIN, "echo", "3.0.0", 3))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessageContaining("[1.0.0, 2.0.0]");
      assertThatThrownBy(() -> ask(control, ADMIN, "ecko", "", 3)).hasMessageContaining("echo");
    }
    try (House house = House.open(home, arrow.get())) {
      assertThat(ask(house.control, ADMIN, "echo", "", 3).value())
          .as("aliases survive a restart")
          .isEqualTo(3);
    }
  }

  @Test
  void aHundredSwapsUnderLoadFailNoCallAndGiveNoWrongAnswer() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg"));
    int swaps = Integer.getInteger("madang.swaps", 100);
    try (House house = House.open(home, arrow.get())) {
      Control control = house.control;
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong asked = new AtomicLong();
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int number = i;
        callers.add(
            Thread.ofPlatform()
                .start(() -> {
                  float x = number;
                  while (!stop.get()) {
                    x = (x + 1) % 1_000;
                    try {
                      Said said = ask(control, ADMIN, "echo", "", x);
                      float right = said.version().equals("1.0.0") ? x : -x;
                      if (said.value() != right || !said.message().isEmpty()) {
                        wrong.add(said + " for " + x);
                      }
                    } catch (Exception e) {
                      wrong.add(e.toString());
                    }
                    asked.incrementAndGet();
                  }
                }));
      }
      Rollouts rollouts = control.rollouts();
      for (int i = 0; i < swaps; i++) {
        String next = i % 2 == 0 ? "1.0.0" : "2.0.0";
        long before = asked.get();
        Rollout rollout =
            rollouts.start(
                ADMIN, "echo", new Rollout.Wish(next, 1, Duration.ofMinutes(5), 0.02, 1_000));
        assertThat(rollout.to()).isEqualTo(next);
        Await.until("calls go on", () -> asked.get() > before + 10);
        assertThat(ask(control, ADMIN, "echo", "", 1).version()).isEqualTo(next);
        assertThat(rollouts.promote(ADMIN, "echo").state()).isEqualTo(State.PROMOTED);
        // the one that stands is let go and loaded again, now and then
        if (i % 10 == 0) {
          control.serving().release(new Origin.OfPlugin(house.host.list().get(i / 10 % 2).ref()));
        }
      }
      stop.set(true);
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(wrong).isEmpty();
      assertThat(asked.get()).isGreaterThan(swaps * 10L);
      assertThat(
              control.serving().index(ADMIN).stream()
                  .filter(one -> one.figures().isPresent())
                  .count())
          .as("what does not stand for the name any more is gone")
          .isEqualTo(1);
      assertThat(house.inference.slabs().taken()).isZero();
    }
  }

  @Test
  void aNewVersionWhoseRunsFailIsRolledBackByItself() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    TinyModel.furnish(home, "echo", "2.0.0", lookup());
    try (House house = House.open(home, arrow.get())) {
      Control control = house.control;
      control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      for (int i = 0; i < 30; i++) {
        assertThat(ask(control, ADMIN, "echo", "", 7).value()).isEqualTo(7);
      }
      control
          .rollouts()
          .start(
              ADMIN, "echo", new Rollout.Wish("2.0.0", 0.5, Duration.ofMinutes(10), 0.05, 1_000));
      Await.until(
          "it is given up",
          () -> {
            ask(control, ADMIN, "echo", "", 7);
            return control.rollouts().get(ADMIN, "echo").orElseThrow().state() == State.ROLLED_BACK;
          });
      Rollout end = control.rollouts().get(ADMIN, "echo").orElseThrow();
      assertThat(end.reason()).contains("of its runs failed");
      for (int i = 0; i < 50; i++) {
        assertThat(ask(control, ADMIN, "echo", "", 7).version()).isEqualTo("1.0.0");
      }
      Await.until(
          "somebody is told",
          () ->
              control.alarms().list(ADMIN, House.WS).stream()
                  .anyMatch(alarm -> alarm.cause().equals("model.rolledBack")));
    }
  }

  @Test
  void aKeyMeetsTheSameVersionEachTimeAndTheShareIsKept() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    TinyModel.furnish(home, "echo", "2.0.0", one("Neg"));
    try (House house = House.open(home, arrow.get())) {
      Control control = house.control;
      control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      control
          .rollouts()
          .start(ADMIN, "echo", new Rollout.Wish("2.0.0", 0.3, Duration.ofMinutes(5), 1, 1_000));
      int fresh = 0;
      for (int i = 0; i < 1_000; i++) {
        String key = "line-" + i;
        String first = version(control, key);
        assertThat(version(control, key)).isEqualTo(first);
        fresh += first.equals("2.0.0") ? 1 : 0;
      }
      assertThat(fresh).isBetween(230, 370);
      assertThat(control.rollouts().back(ADMIN, "echo").state()).isEqualTo(State.ROLLED_BACK);
      assertThat(version(control, "line-1")).isEqualTo("1.0.0");
    }
  }

  private static String version(Control control, String key) {
    try (ServedModel served = control.serving().open(ADMIN, "echo", "", key)) {
      return served.version();
    }
  }

  @Test
  void moreModelsThanFitAreLoadedAndLetGoByUse() throws Exception {
    for (int i = 0; i < 6; i++) {
      TinyModel.furnish(
          home, "m" + i, "1.0.0", one("Identity").weights("w", new float[250_000], 250_000));
    }
    // each is said to take 2 MB
    try (House house = House.cramped(home, arrow.get(), 5_000_000)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 6; i++) {
          assertThat(ask(house.control, ADMIN, "m" + i, "", i).value()).isEqualTo(i);
          assertThat(
                  house.control.serving().index(ADMIN).stream()
                      .filter(one -> one.figures().isPresent())
                      .count())
              .isLessThanOrEqualTo(2);
        }
      }
      assertThat(house.control.serving().index(ADMIN))
          .allMatch(one -> one.state() == ModelStanding.State.READY);
    }
  }

  @Test
  void whatAnOperatorUnloadsAnswersWhenItIsLoadedAgain() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    try (House house = House.open(home, arrow.get())) {
      Serving serving = house.control.serving();
      ask(house.control, ADMIN, "echo", "", 1);
      serving.unload(ADMIN, "echo");
      assertThat(serving.ready(ADMIN, "echo", "")).isFalse();
      assertThat(serving.index(ADMIN).getFirst().reason()).isEqualTo("unloaded");
      assertThatThrownBy(() -> ask(house.control, ADMIN, "echo", "", 1))
          .hasMessageContaining("was unloaded by an operator");
      serving.load(ADMIN, "echo");
      assertThat(ask(house.control, ADMIN, "echo", "", 1).value()).isEqualTo(1);
    }
  }

  @Test
  void aPluginIsUninstalledAlthoughItsModelIsInMemoryForCallers() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    try (House house = House.open(home, arrow.get())) {
      ask(house.control, ADMIN, "echo", "", 1);
      house.control.plugins().stop(ADMIN, "of-echo", "1.0.0");
      house.control.plugins().start(ADMIN, "of-echo", "1.0.0");
      assertThat(ask(house.control, ADMIN, "echo", "", 1).value()).isEqualTo(1);
    }
  }

  @Test
  void workspacesHaveTokensAndSharesOfTheirOwn() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    String token;
    try (House house = House.open(home, arrow.get())) {
      Workspaces spaces = house.control.workspaces();
      spaces.create(ADMIN, "supplier");
      spaces.share(ADMIN, "supplier", new Share(2, 5, 0, 0, 10));
      token = spaces.issue(ADMIN, "supplier", "press 7", Role.MEMBER).token();
      assertThatThrownBy(() -> spaces.create(ADMIN, "supplier")).hasMessageContaining("already");
    }
    try (House house = House.open(home, arrow.get())) {
      Caller supplier = house.control.access().authenticate(token).orElseThrow();
      assertThat(supplier.workspaces()).isEqualTo(Set.of("supplier"));
      int refused = 0;
      for (int i = 0; i < 20; i++) {
        ErrorCode code = ask(house.control, supplier, "echo", "", 1).code();
        refused += code.equals(CallError.QUOTA) ? 1 : 0;
      }
      assertThat(refused).isGreaterThan(10);
      assertThat(ask(house.control, ADMIN, "echo", "", 1).value()).isEqualTo(1);
      Workspaces.View view = house.control.workspaces().get(ADMIN, "supplier");
      assertThat(view.share().weight()).isEqualTo(2);
      assertThat(view.refused()).isEqualTo(refused);
      assertThat(view.rows()).isBetween(5L, 10L);
      assertThatThrownBy(() -> house.control.workspaces().create(supplier, "mine"))
          .isInstanceOf(PluginException.class);
      assertThat(house.control.workspaces().list(supplier)).hasSize(1);
      assertThat(Optional.of(house.control.serving().workspace(supplier))).contains("supplier");
    }
  }
}
