package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.PipelineStatus.Phase;
import org.junit.jupiter.api.Test;

class RunStatusTest {
  @Test
  void allDeliveredIsZero() {
    assertThat(Run.status(status(Phase.FINISHED, ""), ledger(10, 10, 0, 0))).isZero();
    assertThat(Run.status(status(Phase.STOPPED, ""), ledger(10, 10, 0, 0))).isZero();
  }

  @Test
  void keptRejectsAreThree() {
    assertThat(Run.status(status(Phase.FINISHED, ""), ledger(10, 9, 1, 0))).isEqualTo(3);
  }

  @Test
  void lostOrUnaccountedRowsAreOne() {
    assertThat(Run.status(status(Phase.FINISHED, ""), ledger(10, 9, 0, 1))).isEqualTo(1);
    assertThat(Run.status(status(Phase.FINISHED, ""), ledger(10, 9, 0, 0))).isEqualTo(1);
  }

  @Test
  void aConfigThatShowsToBeWrongIsTwoAndAnyOtherFailureOne() {
    assertThat(Run.status(status(Phase.FAILED, "SCHEMA_MISFIT"), ledger(0, 0, 0, 0))).isEqualTo(2);
    assertThat(Run.status(status(Phase.FAILED, "REFUSED"), ledger(0, 0, 0, 0))).isEqualTo(1);
  }

  private static PipelineStatus status(Phase phase, String code) {
    var stage =
        new PipelineStatus.StageStatus(
            "source",
            "source",
            code.isEmpty() ? PipelineStatus.State.DONE : PipelineStatus.State.FAILED,
            "",
            code,
            Instant.EPOCH,
            0,
            0,
            0,
            List.of());
    return new PipelineStatus(phase, "", Instant.EPOCH, List.of(stage));
  }

  private static Ledger ledger(long in, long absorbed, long rejected, long dropped) {
    return new Ledger(
        List.of(
            new Ledger.Stage(
                "sink", in, absorbed, 0, rejected, Map.of("dropNewest", dropped), 0, 0, 0)),
        List.of());
  }
}
