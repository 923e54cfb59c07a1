package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static kr.madang.control.House.WS;
import static kr.madang.control.House.document;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.PipelineView.State;
import kr.madang.engine.PipelineStatus;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ControlTest {
  private static final String ENDLESS = "{ rows: 3, endless: true }";

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private House open() {
    return House.open(home, arrow.get());
  }

  private static void awaitState(House house, String name, State state) throws Exception {
    Await.until(name + " is " + state, () -> house.view(name).state() == state);
  }

  private static ErrorCode code(ThrowingRunnable call) {
    try {
      call.run();
    } catch (PluginException e) {
      return e.code();
    }
    throw new AssertionError("nothing was thrown");
  }

  @FunctionalInterface
  private interface ThrowingRunnable {
    void run();
  }

  @Test
  void aPipelineRunsToItsEndAndIsPinned() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    House.furnish(home, "fixture", "1.1.0");
    try (House house = open()) {
      house.control.reconcile();
      PipelineView created = house.create(document("p", "{ rows: 5 }"));
      assertThat(created.revision()).isEqualTo(1);
      awaitState(house, "p", State.FINISHED);
      PipelineView view = house.view("p");
      assertThat(view.pins())
          .extracting(PipelineView.Pin::resolved)
          .containsExactly("fixture@1.1.0/counter", "fixture@1.1.0/lines");
      assertThat(house.control.pipelines().ledger(ADMIN, WS, "p").balanced()).isTrue();
      assertThat(house.control.pipelines().ledger(ADMIN, WS, "p").stages().getFirst().in())
          .isEqualTo(5);
      assertThat(home.resolve("data/out-p.txt")).hasContent("5");
      house.control.pipelines().start(ADMIN, WS, "p");
      Await.until(
          "it runs again", () -> Files.readString(home.resolve("data/out-p.txt")).equals("5\n5\n"));
    }
  }

  @Test
  void afterARestartTheSameThingsRun() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("runs", ENDLESS));
      house.create(document("stopped", ENDLESS));
      awaitState(house, "runs", State.RUNNING);
      house.control.pipelines().stop(ADMIN, WS, "stopped");
      awaitState(house, "stopped", State.STOPPED);
    }
    House.furnish(home, "fixture", "1.2.0");
    try (House house = open()) {
      assertThat(house.view("runs").state()).isEqualTo(State.STOPPED);
      house.control.reconcile();
      awaitState(house, "runs", State.RUNNING);
      assertThat(house.view("runs").desired()).isEqualTo(Desired.RUNNING);
      assertThat(house.view("runs").pins().getFirst().resolved())
          .isEqualTo("fixture@1.0.0/counter");
      assertThat(house.view("stopped").state()).isEqualTo(State.STOPPED);
      assertThat(house.view("stopped").desired()).isEqualTo(Desired.STOPPED);
    }
  }

  @Test
  void aMissingPluginParksThePipelineAndOthersRun() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("good", ENDLESS));
      house.create(document("lost", "{}").replace("use: counter", "use: opcua@^1"));
      awaitState(house, "lost", State.PARKED);
      assertThat(house.view("lost").reason())
          .matches("line [1-9].*, column [1-9].*: missing plugin opcua@\\^1: install it.*");
      awaitState(house, "good", State.RUNNING);
      Await.until(
          "there is an alarm",
          () ->
              house.control.alarms().list(ADMIN, WS).stream()
                  .anyMatch(alarm -> alarm.cause().equals("pipeline.parked") && alarm.active()));
      Alarm alarm = house.control.alarms().list(ADMIN, WS).getFirst();
      assertThat(house.control.alarms().acknowledge(ADMIN, WS, alarm.id()).acknowledged()).isTrue();
      house.control.pipelines().delete(ADMIN, WS, "lost");
      assertThat(house.control.alarms().list(ADMIN, WS)).noneMatch(Alarm::active);
      assertThat(code(() -> house.view("lost"))).isEqualTo(ErrorCode.NOT_FOUND);
    }
  }

  @Test
  void aPipelineThatFailedGoesOnByItselfWhenTheCauseIsGone() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    Path refuse =
        Files.writeString(Files.createDirectories(home.resolve("data")).resolve("refuse"), "");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", "{ rows: 3, endless: true, refuse: %s }".formatted(refuse)));
      Await.until("it fails", () -> house.view("p").attempts() > 0);
      assertThat(house.view("p").state()).isIn(State.REFUSED, State.FAILED);
      assertThat(house.view("p").reason()).contains("refused while");
      Files.delete(refuse);
      house.control.pipelines().start(ADMIN, WS, "p");
      awaitState(house, "p", State.RUNNING);
      assertThat(house.view("p").reason()).isEmpty();
    }
  }

  @Test
  void aReplacedDocumentIsRunInPlaceOfTheOld() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", ENDLESS));
      awaitState(house, "p", State.RUNNING);
      Pipelines pipelines = house.control.pipelines();
      String next = document("p", "{ rows: 2 }");
      assertThat(code(() -> pipelines.replace(ADMIN, WS, "p", next, Format.YAML, Optional.of(9L))))
          .isEqualTo(ControlError.PRECONDITION);
      PipelineView view = pipelines.replace(ADMIN, WS, "p", next, Format.YAML, Optional.of(1L));
      assertThat(view.revision()).isEqualTo(2);
      awaitState(house, "p", State.FINISHED);
      assertThat(pipelines.spec(ADMIN, WS, "p")).isEqualTo(next);
      assertThat(pipelines.ledger(ADMIN, WS, "p").stages().getFirst().in())
          .as("the account of a durable pipeline goes on")
          .isEqualTo(5);
      assertThat(code(() -> house.create(next))).isEqualTo(ControlError.CONFLICT);
    }
  }

  @Test
  void aWrongDocumentIsRefusedWithItsLineAndNothingIsStored() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    House.furnish(home, "other", "1.0.0");
    try (House house = open()) {
      assertThatThrownBy(() -> house.create(document("p", "{ row: 5 }")))
          .hasMessageContaining("several plugins have a source 'counter': say fixture/counter or");
      assertThatThrownBy(() ->
              house.create(
                  document("p", "{ row: 5 }")
                      .replace("counter", "other/counter")
                      .replace("lines", "other/lines")))
          .hasMessageContaining(
              "line 2, column 41: source.config: unknown key 'row'; did you mean 'rows'?")
          .hasMessageContaining("key 'rows' is missing (How many rows)");
      assertThatThrownBy(
              () -> house.create(document("p", "{}").replace("counter", "other/cuonter")))
          .hasMessageContaining(
              "plugin other@1.0.0 has no source 'cuonter'; did you mean 'counter'?");
      assertThat(house.control.pipelines().list(ADMIN, WS)).isEmpty();
    }
  }

  @Test
  void aPluginInUseCannotBeStoppedAndAStoppedOneParks() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", ENDLESS));
      awaitState(house, "p", State.RUNNING);
      Plugins plugins = house.control.plugins();
      assertThatThrownBy(() -> plugins.stop(ADMIN, "fixture", "1.0.0"))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ControlError.CONFLICT))
          .hasMessageContaining("default/p");
      house.control.pipelines().stop(ADMIN, WS, "p");
      awaitState(house, "p", State.STOPPED);
      assertThat(plugins.stop(ADMIN, "fixture", "1.0.0").state()).isEqualTo("stopped");
      assertThat(house.host.leaks()).isEmpty();
      house.control.pipelines().start(ADMIN, WS, "p");
      awaitState(house, "p", State.PARKED);
      assertThat(house.view("p").reason()).contains("plugin fixture@1.0.0 was stopped: start it");
      plugins.start(ADMIN, "fixture", "1.0.0");
      awaitState(house, "p", State.RUNNING);
    }
  }

  @Test
  void aDocumentIsCheckedWithoutBeingStarted() {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.ephemeral(home, arrow.get())) {
      CheckReport good = house.control.check(document("p", "{ rows: 2 }"), Format.YAML, home, true);
      assertThat(good.steps())
          .as("%s", good)
          .allMatch(step -> step.outcome() == CheckReport.Outcome.OK);
      assertThat(good.steps())
          .extracting(step -> step.stage() + ":" + step.what())
          .containsExactly(
              ":parse",
              ":wiring",
              "source:schema",
              "lines:schema",
              "source:count to 2",
              "source:thread");
      CheckReport bad =
          house.control.check(
              document("p", "{ rows: 2 }").replace("sinks", "steps: [{where: 'nope > 1'}]\nsinks"),
              Format.YAML,
              home,
              false);
      assertThat(bad.ok()).isFalse();
      assertThat(bad.steps().getLast().message()).contains("nope");
      assertThat(house.control.check("pipelin: x", Format.YAML, home, true).steps())
          .extracting(CheckReport.Step::outcome)
          .containsExactly(
              CheckReport.Outcome.FAILED, CheckReport.Outcome.SKIPPED, CheckReport.Outcome.SKIPPED);
    }
  }

  @Test
  void aPipelineRunsInTheForegroundOfAThrowAwayHome() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    Path base = Files.createDirectories(home.resolve("here"));
    try (House house = House.ephemeral(home, arrow.get());
        Running running = house.control.run(document("p", "{ rows: 7 }"), Format.YAML, base)) {
      PipelineStatus end = running.pipeline().ended().get(20, TimeUnit.SECONDS);
      assertThat(end.phase()).isEqualTo(PipelineStatus.Phase.FINISHED);
      assertThat(running.pipeline().ledger().balanced()).isTrue();
      assertThat(base.resolve("out-p.txt")).hasContent("7");
      assertThat(home.resolve("control.db")).doesNotExist();
      assertThatThrownBy(() ->
              house.control.run(
                  document("p", "{}").replace("counter", "conter"), Format.YAML, base))
          .hasMessageContaining("did you mean 'counter'?");
    }
  }

  @Test
  void figuresCoverWhatRuns() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", "{ rows: 4 }"));
      awaitState(house, "p", State.FINISHED);
      Metrics metrics = house.control.metrics(ADMIN);
      assertThat(metrics.pluginsByState()).containsEntry("started", 1L);
      assertThat(metrics.pipelines())
          .singleElement()
          .satisfies(figures -> {
            assertThat(figures.starts()).isEqualTo(1);
            assertThat(figures.ledger().stages()).hasSize(2);
          });
      assertThat(metrics.uptime()).isGreaterThan(Duration.ZERO);
    }
  }

  @Test
  void aTapNeedsARunningPipeline() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", ENDLESS));
      awaitState(house, "p", State.RUNNING);
      Pipelines pipelines = house.control.pipelines();
      pipelines.tap(ADMIN, WS, "p", "source", 4).close();
      assertThat(code(() -> pipelines.tap(ADMIN, WS, "p", "nope", 4)))
          .isEqualTo(ErrorCode.NOT_FOUND);
      pipelines.stop(ADMIN, WS, "p");
      awaitState(house, "p", State.STOPPED);
      assertThat(code(() -> pipelines.tap(ADMIN, WS, "p", "source", 4)))
          .isEqualTo(ControlError.CONFLICT);
      assertThat(pipelines.list(ADMIN, WS)).hasSize(1);
      assertThat(List.of(pipelines.format(ADMIN, WS, "p"))).containsExactly(Format.YAML);
    }
  }

  @Test
  void anAlarmOfAStepIsStoredAndOutlivesARestart() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    String alarm =
        "steps: [{alarm: {id: high, when: 'value > 1.0', severity: high, message: hot}}]";
    try (House house = open()) {
      house.control.reconcile();
      house.create(document("p", ENDLESS).replace("sinks:", alarm + "\nsinks:"));
      Await.until("it is raised", () -> !house.control.alarms().list(ADMIN, WS).isEmpty());
    }
    try (House house = open()) {
      Alarm raised = house.control.alarms().list(ADMIN, WS).getFirst();
      assertThat(raised.pipeline()).isEqualTo("p");
      assertThat(raised.stage()).isEqualTo("alarm");
      assertThat(raised.cause()).isEqualTo("high");
      assertThat(raised.severity()).isEqualTo("high");
      assertThat(raised.active()).isTrue();
      assertThat(raised.since()).isEqualTo(Instant.ofEpochSecond(2));
      house.control.reconcile();
      awaitState(house, "p", State.RUNNING);
      Await.until(
          "rows came again",
          () -> house.control.pipelines().ledger(ADMIN, WS, "p").stages().getLast().absorbed() > 0);
      assertThat(house.control.alarms().list(ADMIN, WS)).hasSize(1);
    }
  }
}
