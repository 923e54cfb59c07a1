package kr.madang.control;

import java.time.Instant;
import java.util.List;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.PipelineView.State;
import kr.madang.engine.Ledger;
import kr.madang.engine.Pipeline;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.Reject;
import org.jspecify.annotations.Nullable;

/** One pipeline, as it should be and as it is. Guarded by the lock of the reconciler. */
final class PipelineUnit {
  private static final int REJECTS = 200;

  Stored stored;
  List<Pin> pins;
  State state = State.STOPPED;
  String reason = "";
  int attempts;
  long starts;

  /** A transition goes on in a thread of its own. */
  boolean busy;

  boolean stopping;
  long deadline;
  boolean deleted;
  boolean again;

  /** When a failed start is tried again; nanoTime. */
  long retryAt = Long.MAX_VALUE;

  /** What the world of plugins was like when it was last tried. */
  long seen = -1;

  @Nullable Pipeline running;
  @Nullable Holds holds;
  long runningRevision;
  long startedAt;

  private Ledger ledger = new Ledger(List.of(), List.of());
  private List<Reject> rejects = List.of();
  private PipelineStatus status;

  PipelineUnit(Stored stored, List<Pin> pins) {
    this.stored = stored;
    this.pins = pins;
    this.status = none(stored.updated());
  }

  static PipelineStatus none(Instant since) {
    return new PipelineStatus(PipelineStatus.Phase.STOPPED, "", since, List.of());
  }

  boolean wanted() {
    return stored.desired() == Desired.RUNNING && !deleted;
  }

  boolean active() {
    return running != null || busy;
  }

  void began(Pipeline pipeline, Holds held, long revision) {
    running = pipeline;
    holds = held;
    runningRevision = revision;
    startedAt = System.nanoTime();
    state = State.STARTING;
    reason = "";
    starts++;
  }

  /**
   * Keeps what is still of interest and lets go of the pipeline and all that belongs to plugins.
   */
  PipelineStatus ended(Pipeline pipeline) {
    status = pipeline.status();
    ledger = pipeline.ledger();
    rejects = pipeline.rejects(REJECTS);
    running = null;
    stopping = false;
    Holds held = holds;
    holds = null;
    if (held != null) {
      held.close();
    }
    return status;
  }

  PipelineStatus status() {
    Pipeline pipeline = running;
    return pipeline == null ? status : pipeline.status();
  }

  Ledger ledger() {
    Pipeline pipeline = running;
    return pipeline == null ? ledger : pipeline.ledger();
  }

  List<Reject> rejects(int atMost) {
    Pipeline pipeline = running;
    if (pipeline != null) {
      return pipeline.rejects(atMost);
    }
    int from = Math.max(0, rejects.size() - Math.max(0, atMost));
    return List.copyOf(rejects.subList(from, rejects.size()));
  }

  State shown(PipelineStatus now) {
    if (running == null) {
      return state;
    }
    return switch (now.phase()) {
      case STARTING -> State.STARTING;
      case RUNNING -> State.RUNNING;
      case DEGRADED -> State.DEGRADED;
      case DRAINING, STOPPED -> State.DRAINING;
      case FINISHED -> State.FINISHED;
      case FAILED -> State.FAILED;
    };
  }

  PipelineView view() {
    PipelineStatus now = status();
    return new PipelineView(
        stored.key().workspace(),
        stored.key().name(),
        stored.description(),
        stored.revision(),
        stored.desired(),
        shown(now),
        running == null ? reason : now.reason(),
        attempts,
        now,
        pins,
        stored.created(),
        stored.updated());
  }

  Metrics.PipelineFigures figures() {
    PipelineStatus now = status();
    return new Metrics.PipelineFigures(
        stored.key().workspace(), stored.key().name(), shown(now), starts, now.stages(), ledger());
  }
}
