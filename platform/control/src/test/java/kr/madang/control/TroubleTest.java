package kr.madang.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.PipelineStatus.Phase;
import org.junit.jupiter.api.Test;

class TroubleTest {
  private final Trouble trouble = new Trouble();

  private static PipelineStatus status(Phase phase, String reason) {
    return new PipelineStatus(phase, reason, Instant.EPOCH, List.of());
  }

  @Test
  void eachTroubleIsToldOnceAndItsEndToo() {
    assertThat(trouble.news(status(Phase.RUNNING, ""))).isEmpty();
    assertThat(trouble.news(status(Phase.DEGRADED, "device away"))).contains("device away");
    assertThat(trouble.news(status(Phase.DEGRADED, "device away"))).isEmpty();
    assertThat(trouble.news(status(Phase.DEGRADED, "disk full"))).contains("disk full");
    assertThat(trouble.news(status(Phase.RUNNING, ""))).contains("");
    assertThat(trouble.news(status(Phase.RUNNING, ""))).isEmpty();
  }

  @Test
  void anEndIsNoRecovery() {
    assertThat(trouble.news(status(Phase.DEGRADED, "device away"))).isPresent();
    assertThat(trouble.news(status(Phase.DRAINING, ""))).isEmpty();
    assertThat(trouble.news(status(Phase.STOPPED, ""))).isEmpty();
  }
}
