package kr.madang.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Desired;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.testkit.ManualClock;
import org.junit.jupiter.api.Test;

class CrashLoopTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void fiveFailuresWithinTenMinutesAreALoopAndFourAreNot() {
    CrashLoop loop = new CrashLoop();
    for (int minute = 0; minute < 4; minute++) {
      loop.failed(TimeUnit.MINUTES.toNanos(minute));
    }
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(4))).isFalse();
    loop.failed(TimeUnit.MINUTES.toNanos(4));
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(4))).isTrue();
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(10))).isTrue();
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(11))).as("the first is long ago").isFalse();
    loop.failed(TimeUnit.MINUTES.toNanos(10));
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(10))).isTrue();
    loop.forgive();
    assertThat(loop.loops(TimeUnit.MINUTES.toNanos(10))).isFalse();
  }

  @Test
  void aPipelineThatFailsAgainAndAgainSaysSoAndWhenItIsTriedNext() {
    PipelineUnit unit = unit();
    for (int i = 0; i < 5; i++) {
      assertThat(unit.view().crashLooping()).isFalse();
      unit.failed(ErrorCode.UNREACHABLE, "nobody there");
    }
    assertThat(unit.view().crashLooping()).isTrue();
    assertThat(unit.view().attempts()).isEqualTo(5);
    assertThat(unit.view().nextTry()).contains(clock.instant().plus(Duration.ofSeconds(16)));
    for (int i = 0; i < 5; i++) {
      unit.failed(ErrorCode.UNREACHABLE, "nobody there");
    }
    assertThat(unit.view().nextTry()).contains(clock.instant().plus(Duration.ofSeconds(60)));
    unit.again = true;
    assertThat(unit.due(0)).isTrue();
    assertThat(unit.view().crashLooping()).as("a person has done something").isFalse();
    assertThat(unit.view().nextTry()).isEmpty();
  }

  @Test
  void whatAPersonWroteIsNotTriedAgainByItself() {
    PipelineUnit unit = unit();
    unit.failed(ErrorCode.CONFIG_INVALID, "no such key");
    assertThat(unit.view().state()).isEqualTo(PipelineView.State.REFUSED);
    assertThat(unit.view().nextTry()).isEmpty();
  }

  private PipelineUnit unit() {
    return new PipelineUnit(
        new Stored(
            new Key("default", "p"),
            "",
            "pipeline: p\ndurability: none\n",
            Format.YAML,
            1,
            Desired.RUNNING,
            clock.instant(),
            clock.instant()),
        List.of(),
        clock);
  }
}
