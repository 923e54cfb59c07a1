package kr.madang.control;

import java.util.Optional;
import kr.madang.inference.CallFigures;

/**
 * A version of a model and whether callers from outside are answered.
 *
 * @param reason why it is not available; else empty
 * @param figures what it has done; empty if it is not in memory
 */
public record ModelStanding(
    String name,
    String version,
    State state,
    String reason,
    Optional<CallFigures.Snapshot> figures) {

  /** How it stands. */
  public enum State {
    /** It answers; if it is not in memory it is loaded with the first call. */
    READY,
    /** It is being loaded. */
    LOADING,
    /** It does not answer, for a reason. */
    UNAVAILABLE
  }
}
