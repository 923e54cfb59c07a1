package kr.madang.journal;

import java.time.Duration;

/**
 * How a stream is kept.
 *
 * @param full what happens when there is no room
 * @param bytes most bytes of rows that are not released yet; beyond it the stream is full
 * @param keep how long rows stay after they were released, for replay; zero for not at all
 * @param share percent of the journal that may be in use when rows come, beyond which it counts as
 *     full for the stream: what is needed to empty a journal must find room when what fills it does
 *     not. Not remembered over a restart
 */
public record StreamOptions(Full full, long bytes, Duration keep, int share) {
  /** A stream that may fill the journal. */
  public StreamOptions(Full full, long bytes, Duration keep) {
    this(full, bytes, keep, 100);
  }

  /** Blocks, 1 GiB, keeps nothing. */
  public static final StreamOptions DEFAULT =
      new StreamOptions(Full.BLOCK, 1L << 30, Duration.ZERO);
}
