package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static kr.madang.control.House.WS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kr.madang.control.PipelineView.State;
import kr.madang.engine.Recording;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SafeModeTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  @Test
  void nothingIsStartedAndWhatIsBrokenCanBeMended() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      for (String name : List.of("a", "b", "c")) {
        house.create(House.document(name, "{ rows: 3, endless: true }"));
        Await.until(name + " runs", () -> house.view(name).state() == State.RUNNING);
      }
    }
    try (House house = House.safe(home, arrow.get())) {
      house.control.reconcile();
      Pipelines pipelines = house.control.pipelines();
      assertThat(house.control.safe()).isTrue();
      Await.until("it is parked", () -> house.view("a").state() == State.PARKED);
      assertThat(house.view("a").reason()).startsWith("safe mode:");
      assertThat(house.control.plugins().list(ADMIN))
          .extracting(PluginView::state)
          .containsExactly("installed");
      refused(() -> pipelines.start(ADMIN, WS, "a"));
      refused(() -> house.control.plugins().start(ADMIN, "fixture", "1.0.0"));
      refused(
          () -> pipelines.check(ADMIN, WS, House.document("x", "{ rows: 1 }"), Format.YAML, false));
      refused(() ->
          house
              .control
              .replays()
              .start(
                  ADMIN,
                  WS,
                  "a",
                  new Replays.Request(
                      Optional.empty(), Format.YAML, Optional.empty(), Recording.Range.ALL, "")));
      assertThat(pipelines.stop(ADMIN, WS, "a").desired()).isEqualTo(PipelineView.Desired.STOPPED);
      Await.until("it is stopped", () -> house.view("a").state() == State.STOPPED);
      String mended = House.document("b", "{ rows: 1 }");
      assertThat(
              pipelines.replace(ADMIN, WS, "b", mended, Format.YAML, Optional.empty()).revision())
          .isEqualTo(2);
      pipelines.delete(ADMIN, WS, "c");
      Await.until(
          "people are told once",
          () ->
              house.control.alarms().list(ADMIN, WS).stream()
                  .filter(Alarm::active)
                  .map(Alarm::cause)
                  .toList()
                  .equals(List.of("platform.safeMode")));
      assertThat(house.control.metrics(ADMIN).safe()).isTrue();
    }
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Await.until("b is what it was made", () -> house.view("b").state() == State.FINISHED);
      assertThat(house.view("a").state()).isEqualTo(State.STOPPED);
      assertThat(house.control.pipelines().list(ADMIN, WS)).hasSize(2);
      Await.until(
          "the alarm is over",
          () -> house.control.alarms().list(ADMIN, WS).stream().noneMatch(Alarm::active));
    }
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ControlError.CONFLICT))
        .hasMessageContaining("safe mode")
        .hasMessageContaining("without --safe");
  }
}
