package kr.madang.sdk.source;

import java.time.Duration;

/** A source that remembers: files, Kafka, a table with a watermark column. */
public non-sealed interface LogSource extends Source {

  /**
   * The next rows, samples or frames, or {@link Poll.Idle} after at most the given time, or {@link
   * Poll.Done}. The host asks again as soon as there is room downstream.
   */
  Poll poll(Duration atMost) throws Exception;

  /**
   * Everything up to this position has been accepted and will not be asked for again. Called on the
   * source's thread between two polls, in order, not for every position.
   */
  default void acknowledge(Position position) throws Exception {}
}
