package kr.madang.journal;

import java.time.Duration;

/**
 * How a stream is kept.
 *
 * @param full what happens when there is no room
 * @param bytes most bytes of rows that are not released yet; beyond it the stream is full
 * @param keep how long rows stay after they were released, for replay; zero for not at all
 */
public record StreamOptions(Full full, long bytes, Duration keep) {
  /** Blocks, 1 GiB, keeps nothing. */
  public static final StreamOptions DEFAULT =
      new StreamOptions(Full.BLOCK, 1L << 30, Duration.ZERO);
}
