package kr.madang.engine;

import java.time.Instant;
import java.util.Optional;

/**
 * Rows that a stage could not take, kept aside with the cause.
 *
 * @param id names it within its pipeline: {@code stage:number}
 * @param stage that could not take them
 * @param time when
 * @param code the name of the error code
 * @param why for people
 * @param attempts how often it was tried
 * @param rows how many
 * @param stream the stream that the rows belong to; empty for what never became a row
 * @param epoch of the stream
 * @param sequence of the first of the rows in the stream
 * @param text the rows for people, shortened
 * @param replayable whether the rows themselves are kept, so that they can be put back in
 * @param state whether something was done about it
 * @param settled when something was done about it
 */
public record DeadLetter(
    String id,
    String stage,
    Instant time,
    String code,
    String why,
    int attempts,
    int rows,
    String stream,
    long epoch,
    long sequence,
    String text,
    boolean replayable,
    State state,
    Optional<Instant> settled) {
  /** Whether something was done about a dead letter. */
  public enum State {
    /** Nothing yet. */
    OPEN,
    /** It was put back in; if it failed again there is another one. */
    REPLAYED,
    /** Somebody decided to let it be. */
    DISCARDED
  }
}
