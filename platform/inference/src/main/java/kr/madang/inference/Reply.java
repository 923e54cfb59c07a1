package kr.madang.inference;

import java.time.Duration;
import kr.madang.sdk.error.ErrorCode;

/** Is told what became of a call: one of the two, once, on any thread, and must not block. */
public interface Reply {
  /** It was run. Whoever is told closes the answer. */
  void answered(Answer answer);

  /**
   * It was not, or not to its end.
   *
   * @param after when it is worth trying again; zero if there is no saying
   */
  void failed(ErrorCode code, String message, Duration after);
}
