package kr.madang.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import kr.madang.engine.PipelineStatus;

/**
 * A pipeline as it should be and as it is.
 *
 * @param workspace whose it is
 * @param name unique in the workspace
 * @param description of the document; may be empty
 * @param revision rises with each replaced document; the ETag
 * @param desired what was asked for
 * @param state what is
 * @param reason why it is so, for people; empty when all is well
 * @param attempts starts in a row that failed
 * @param crashLooping whether it failed five times within ten minutes and has not run well since
 * @param nextTry when a failed start is tried again
 * @param durability {@code journal} or {@code none}; empty where the document cannot be read
 * @param backlog what waits in the journal in front of each of its stages
 * @param status of the engine's latest run; one without stages if it has not run
 * @param pins what the names of the document were resolved to
 * @param createdAt when the pipeline was created
 * @param updatedAt when its document or its desired state changed last
 */
public record PipelineView(
    String workspace,
    String name,
    String description,
    long revision,
    Desired desired,
    State state,
    String reason,
    int attempts,
    boolean crashLooping,
    Optional<Instant> nextTry,
    String durability,
    List<Backlog> backlog,
    PipelineStatus status,
    List<Pin> pins,
    Instant createdAt,
    Instant updatedAt) {

  /** Makes the lists unmodifiable. */
  public PipelineView {
    pins = List.copyOf(pins);
    backlog = List.copyOf(backlog);
  }

  PipelineView with(List<Backlog> waiting) {
    return new PipelineView(
        workspace,
        name,
        description,
        revision,
        desired,
        state,
        reason,
        attempts,
        crashLooping,
        nextTry,
        durability,
        waiting,
        status,
        pins,
        createdAt,
        updatedAt);
  }

  /**
   * What waits in the journal in front of a stage, or behind a source.
   *
   * @param stage in the pipeline
   * @param rows that are not delivered yet
   * @param bytes of them in the journal
   * @param oldest when the oldest of them was taken in; empty where none waits
   */
  public record Backlog(String stage, long rows, long bytes, Optional<Instant> oldest) {}

  /** What was asked for. */
  public enum Desired {
    /** It should run. */
    RUNNING,
    /** It should not run. */
    STOPPED
  }

  /** What is. */
  public enum State {
    /** It does not run, as asked. */
    STOPPED,
    /** It cannot be started yet; the reason says what is missing. */
    PARKED,
    /** It is being resolved or opened. */
    STARTING,
    /** Data can flow. */
    RUNNING,
    /** Data can flow, but a stage waits for something outside. */
    DEGRADED,
    /** It is being stopped. */
    DRAINING,
    /** Its sources came to their end and all was delivered. */
    FINISHED,
    /** It ended by an error and will be tried again after a pause. */
    FAILED,
    /** Its document is wrong; it is tried again when it, a plugin or a model changes. */
    REFUSED
  }

  /**
   * What a name in the document was resolved to.
   *
   * @param use as the document says
   * @param kind {@code source}, {@code step}, {@code sink} or {@code model}
   * @param resolved exact: {@code files@0.1.0/files}, {@code pump-autoencoder@1.2.0}
   * @param digest SHA-256 of what was resolved; may be empty
   */
  public record Pin(String use, String kind, String resolved, String digest) {}
}
