package kr.madang.engine;

import java.time.Duration;
import kr.madang.journal.Full;

/** What an accepted row outlives. */
public sealed interface Durability {

  /** The process: a row counts as accepted when it is delivered. */
  record None() implements Durability {}

  /**
   * Everything but the disk: a row counts as accepted when the journal has forced it.
   *
   * @param full what happens when there is no room for more
   * @param bytes most bytes that may pile up in front of each stage that has a journal
   * @param keep how long a source's rows stay after they were worked on, for replay
   */
  record Journaled(Full full, long bytes, Duration keep) implements Durability {
    /** Blocks, 1 GiB, keeps nothing. */
    public static final Journaled DEFAULT = new Journaled(Full.BLOCK, 1L << 30, Duration.ZERO);
  }
}
