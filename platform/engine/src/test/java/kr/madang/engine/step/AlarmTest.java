package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.engine.step.AlarmStep.Config;
import kr.madang.engine.step.AlarmStep.Severity;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AlarmTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema SCHEMA = Trial.schema("score");
  private final List<String> calls = new ArrayList<>();

  private Outcome run(int after, int clearAfter, int restart, Double... scores) {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      frames.add(frame(T0 + i, scores[i]));
    }
    return Trial.run(
        new AlarmStep((stage, id, active, severity, message, time) ->
            calls.add(
                "%s %s %s %s %s %d".formatted(stage, id, active, severity, message, time - T0))),
        new Config(
            "high-score", "score > 1", Severity.CRITICAL, Optional.empty(), after, clearAfter),
        SCHEMA,
        frames,
        (allocator, part) -> Trial.frames(allocator, SCHEMA, part),
        List.of(1, 1, 1, 1, 1),
        restart);
  }

  @Test
  void onlyTransitionsAreToldAndTheRowsPassOn() {
    Outcome got = run(1, 1, -1, 0.0, 2.0, 3.0, 1.0, 0.0, 5.0);
    assertThat(calls)
        .containsExactly(
            "default/test/step high-score true critical score > 1 1",
            "default/test/step high-score false critical score > 1 3",
            "default/test/step high-score true critical score > 1 5");
    assertThat(got.column("score")).containsExactly(0.0, 2.0, 3.0, 1.0, 0.0, 5.0);
  }

  @Test
  void itWaitsForAsManyRowsInARowAsAskedAndAMissingOneSaysNothing() {
    run(3, 2, -1, 2.0, 2.0, 0.0, 2.0, 2.0, null, 2.0, 0.0, 2.0, 0.0, null, 0.0);
    assertThat(calls).hasSize(2);
    assertThat(calls.get(0)).endsWith("true critical score > 1 6");
    assertThat(calls.get(1)).endsWith("false critical score > 1 11");
  }

  @Test
  void aRestartForgetsNeitherTheAlarmNorTheCount() {
    run(3, 3, 2, 2.0, 2.0, 2.0, 2.0);
    assertThat(calls).hasSize(1);
    run(1, 3, 4, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0);
    assertThat(calls).hasSize(3);
    assertThat(calls.get(2)).endsWith("false critical score > 1 4");
  }

  @Test
  void theIdIsChecked() {
    assertThatThrownBy(() ->
            new AlarmStep((_, _, _, _, _, _) -> {})
                .open(
                    new Config("Too High", "true", Severity.LOW, Optional.empty(), 1, 1),
                    SCHEMA,
                    new FakeTransformContext(arrow.get())))
        .hasMessageContaining("alarm: id: expected");
  }
}
