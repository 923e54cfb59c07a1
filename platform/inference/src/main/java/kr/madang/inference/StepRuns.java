package kr.madang.inference;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Whom batches of pipelines are told to, and which of them. Any thread. */
final class StepRuns {
  private volatile Consumer<StepRun> to = _ -> {};
  private volatile double share;

  /** Tells a share of them from now on; whoever is told must not block. */
  void tell(double newShare, Consumer<StepRun> newTo) {
    to = newTo;
    share = newShare;
  }

  /** Whether the batch that comes is one of them. */
  boolean wanted() {
    double some = share;
    return some > 0 && ThreadLocalRandom.current().nextDouble() < some;
  }

  void tell(StepRun run) {
    to.accept(run);
  }
}
