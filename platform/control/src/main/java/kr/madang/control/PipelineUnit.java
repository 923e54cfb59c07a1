package kr.madang.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.PipelineView.State;
import kr.madang.engine.Ledger;
import kr.madang.engine.Pipeline;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.SourceTags;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pipeline, as it should be and as it is. Guarded by the lock of the reconciler. */
final class PipelineUnit {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineUnit.class);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(60);

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

  private final CrashLoop crashes = new CrashLoop();
  private final InstantSource clock;
  private Optional<Instant> nextTry = Optional.empty();

  /** What the world of plugins was like when it was last tried. */
  long seen = -1;

  @Nullable Pipeline running;
  @Nullable Holds holds;
  long runningRevision;
  long startedAt;

  private Trouble trouble = new Trouble();
  private String durability = "";
  private long durabilityOf = -1;

  private Ledger ledger = new Ledger(List.of(), List.of());
  private List<SourceTags> tags = List.of();
  private PipelineStatus status;

  PipelineUnit(Stored stored, List<Pin> pins, InstantSource clock) {
    this.stored = stored;
    this.pins = pins;
    this.clock = clock;
    this.status = none(stored.updated());
  }

  static PipelineStatus none(Instant since) {
    return new PipelineStatus(PipelineStatus.Phase.STOPPED, "", since, List.of());
  }

  boolean wanted() {
    return stored.desired() == Desired.RUNNING && !deleted;
  }

  /** Whether the run has come to its end, though not everything is released yet. */
  boolean ending() {
    return switch (status().phase()) {
      case STARTING, RUNNING, DEGRADED -> false;
      case DRAINING, STOPPED, FINISHED, FAILED -> true;
    };
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
    trouble = new Trouble();
  }

  /** A start begins. */
  void trying(long world) {
    again = false;
    busy = true;
    nextTry = Optional.empty();
    seen = world;
    state = State.STARTING;
  }

  /** Whether it is to be started now, wanted as it is. */
  boolean due(long world) {
    if (again) {
      rest();
      return true;
    }
    return switch (state) {
      case FINISHED -> false;
      case PARKED -> seen != world;
      case FAILED, REFUSED -> seen != world || retryAt - System.nanoTime() <= 0;
      default -> true;
    };
  }

  /** Nothing is held against it any more. */
  void rest() {
    attempts = 0;
    nextTry = Optional.empty();
    crashes.forgive();
  }

  /** Waits for something that may come. */
  void park(String why) {
    state = State.PARKED;
    reason = why;
  }

  /** Notes a failure and when to try again; what a person wrote waits for a person. */
  void failed(ErrorCode code, String why) {
    attempts++;
    reason = why;
    boolean refused = code.blame() == Blame.CONFIG && !code.retriable();
    long pause = TimeUnit.SECONDS.toNanos(1L << Math.min(6, attempts - 1));
    state = refused ? State.REFUSED : State.FAILED;
    retryIn(refused ? Long.MAX_VALUE / 2 : Math.min(LONGEST_PAUSE, pause), !refused);
    crashes.failed(System.nanoTime());
    LOG.warn("pipeline {} is {}: {}", stored.key(), state, why);
  }

  private void retryIn(long nanos, boolean byItself) {
    retryAt = System.nanoTime() + nanos;
    nextTry = byItself ? Optional.of(clock.instant().plusNanos(nanos)) : Optional.<Instant>empty();
  }

  /** Tells the log when a running pipeline gets into trouble and when it is out of it. */
  void watch(Pipeline pipeline) {
    if (System.nanoTime() - startedAt > LONGEST_PAUSE) {
      crashes.forgive();
    }
    trouble
        .news(pipeline.status())
        .ifPresent(why -> {
          if (why.isEmpty()) {
            LOG.info("pipeline {} is RUNNING again", stored.key());
          } else {
            LOG.warn("pipeline {} is DEGRADED: {}", stored.key(), why);
          }
        });
  }

  /** Takes in how a run has ended. */
  void settle(Pipeline pipeline) {
    boolean healthy = System.nanoTime() - startedAt > LONGEST_PAUSE;
    boolean asked = stopping;
    PipelineStatus last = ended(pipeline);
    switch (last.phase()) {
      case FINISHED -> {
        state = State.FINISHED;
        reason = "";
        rest();
      }
      case FAILED -> {
        attempts = healthy ? 0 : attempts;
        failed(code(last), last.reason());
        if (state == State.REFUSED) {
          retryIn(LONGEST_PAUSE, true);
        }
        return;
      }
      default -> {
        state = State.STOPPED;
        reason = asked ? "" : last.reason();
      }
    }
    LOG.info("pipeline {} is {}", stored.key(), state);
  }

  /** Blames the config only where a stage says so. */
  private static ErrorCode code(PipelineStatus status) {
    for (PipelineStatus.StageStatus stage : status.stages()) {
      if (stage.state() == PipelineStatus.State.FAILED) {
        if (stage.code().equals(ErrorCode.CONFIG_INVALID.name())) {
          return ErrorCode.CONFIG_INVALID;
        }
        if (stage.code().equals(ErrorCode.SCHEMA_MISFIT.name())) {
          return ErrorCode.SCHEMA_MISFIT;
        }
      }
    }
    return ErrorCode.UNREACHABLE;
  }

  /**
   * Keeps what is still of interest and lets go of the pipeline and all that belongs to plugins.
   */
  private PipelineStatus ended(Pipeline pipeline) {
    status = pipeline.status();
    ledger = pipeline.ledger();
    tags = pipeline.tags();
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

  List<SourceTags> tags() {
    Pipeline pipeline = running;
    return pipeline == null ? tags : pipeline.tags();
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
        crashes.loops(System.nanoTime()),
        running == null ? nextTry : Optional.empty(),
        durability(),
        List.of(),
        now,
        pins,
        stored.created(),
        stored.updated());
  }

  /** Read off the document when it is asked for first; it changes with the revision only. */
  private String durability() {
    if (durabilityOf != stored.revision()) {
      durability = PipelineFile.durability(stored.document(), stored.format());
      durabilityOf = stored.revision();
    }
    return durability;
  }

  /** For those who watch over all pipelines. */
  Facts facts() {
    return new Facts(view(), ledger());
  }

  /** What is known of a pipeline at one moment. */
  record Facts(PipelineView view, Ledger ledger) {}

  Metrics.PipelineFigures figures() {
    PipelineStatus now = status();
    Ledger account = ledger();
    return new Metrics.PipelineFigures(
        stored.key().workspace(),
        stored.key().name(),
        shown(now),
        crashes.loops(System.nanoTime()),
        starts,
        now.stages(),
        tags(),
        account,
        Accounts.gone(account));
  }
}
