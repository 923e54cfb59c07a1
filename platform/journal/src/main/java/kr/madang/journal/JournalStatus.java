package kr.madang.journal;

import java.util.List;

/**
 * How a journal is.
 *
 * @param state whether it takes records
 * @param reason why not, for people; empty when all is well
 * @param bytes of all segments
 * @param segments files
 * @param commits forced writes since it was opened
 * @param forceNanos the slowest tenth of the latest forced writes took at least so long,
 *     nanoseconds
 * @param damage found since it was opened, newest last, at most 100
 * @param damaged all found since it was opened
 */
public record JournalStatus(
    State state,
    String reason,
    long bytes,
    int segments,
    long commits,
    long forceNanos,
    List<Damage> damage,
    long damaged) {
  /** Whether a journal takes records. */
  public enum State {
    /** It does. */
    OPEN,
    /** It has no room; it goes on by itself when there is. */
    FULL,
    /** The disk fails; it tries again by itself. */
    FAILING,
    /** It was closed. */
    CLOSED
  }
}
