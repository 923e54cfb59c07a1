package kr.madang.journal;

/** What becomes of rows that come when a stream, the journal or the disk is full. */
public enum Full {
  /** They wait, and with them their source. */
  BLOCK,
  /** The oldest rows of the stream make room; a gap marker stays. */
  DROP_OLDEST,
  /** They are dropped; a gap marker stays. */
  DROP_NEWEST
}
