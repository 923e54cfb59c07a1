package kr.madang.journal;

import kr.madang.sdk.batch.Batch;

/** What a reader finds in a journal, in the order in which it was appended. */
public sealed interface Logged {

  /** The stream it belongs to. */
  String stream();

  /** Rises only when sequence numbers of the stream could repeat. */
  long epoch();

  /** The number of the first row in the stream. */
  long sequence();

  /**
   * Rows.
   *
   * @param order the number of the record in the journal
   * @param time of the append, nanoseconds since 1970
   * @param meta what was written beside the rows
   * @param batch the reader's to close; its stream, epoch and sequence are those of the record
   */
  record Rows(
      String stream, long epoch, long sequence, long order, long time, byte[] meta, Batch batch)
      implements Logged {}

  /**
   * Bytes without rows.
   *
   * @param order the number of the record in the journal
   * @param time of the append, nanoseconds since 1970
   * @param rows 1 for a note, 0 for a mark
   * @param meta what was written
   */
  record Note(
      String stream, long epoch, long sequence, long order, long time, int rows, byte[] meta)
      implements Logged {}

  /**
   * Rows that are not there any more.
   *
   * @param to the number after the last one that is gone
   * @param cause why: {@code damaged}, {@code dropOldest}, {@code dropNewest} or {@code missing}
   */
  record Gap(String stream, long epoch, long sequence, long to, String cause) implements Logged {}
}
