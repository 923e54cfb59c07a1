package kr.madang.engine;

import java.time.Instant;
import java.util.List;

/**
 * How a pipeline is.
 *
 * @param phase of the whole
 * @param reason why it is so, for people; empty when all is well
 * @param since when the phase began
 * @param stages sources, steps and sinks in the order of the graph
 */
public record PipelineStatus(Phase phase, String reason, Instant since, List<StageStatus> stages) {

  /** The phase of a pipeline. */
  public enum Phase {
    /** Stages are being opened, or wait for a far side that must be seen once. */
    STARTING,
    /** Data can flow. */
    RUNNING,
    /** Data can flow, but a stage waits for something outside; see its reason. */
    DEGRADED,
    /** Sources have stopped and what is under way is delivered. */
    DRAINING,
    /** Stopped on request. */
    STOPPED,
    /** The sources came to their end and all was delivered. */
    FINISHED,
    /** Ended by an error that does not pass by itself. */
    FAILED
  }

  /**
   * How one stage is.
   *
   * @param name in the pipeline
   * @param kind {@code source}, {@code step} or {@code sink}
   * @param state of the stage
   * @param reason why, for people; empty when all is well
   * @param code the name of the error code behind the reason; empty when all is well
   * @param since when the state began
   * @param attempts tries in a row that failed
   * @param restarts how often it was opened again
   * @param overruns periods that a polled source missed because a round took too long
   * @param history the latest states before and with this one, the oldest first; at most 20
   */
  public record StageStatus(
      String name,
      String kind,
      State state,
      String reason,
      String code,
      Instant since,
      int attempts,
      long restarts,
      long overruns,
      List<Turn> history) {

    /** Makes the list unmodifiable. */
    public StageStatus {
      history = List.copyOf(history);
    }
  }

  /**
   * A stage came into a state.
   *
   * @param at when
   * @param state that it came into
   * @param code the name of the error code behind the reason; empty when all is well
   * @param reason why, for people; empty when all is well
   * @param times how often in a row it came into the same state for the same reason
   */
  public record Turn(Instant at, State state, String code, String reason, int times) {}

  /** The state of a stage. */
  public enum State {
    /** Not opened yet. */
    OPENING,
    /** At work, or ready for it. */
    RUNNING,
    /** Waiting to try again after an error. */
    RETRYING,
    /** A call into the plugin has not returned for far too long. */
    HANGING,
    /** Came to its end. */
    DONE,
    /** Ended by an error. */
    FAILED
  }
}
