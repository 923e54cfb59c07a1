package kr.madang.sdk.source;

import kr.madang.sdk.batch.Batch;

/** What a {@link LogSource} answers when it is asked for more. */
public sealed interface Poll {
  /**
   * Some rows.
   *
   * @param batch owned by the host from now on
   * @param position where to resume once these rows have been accepted
   */
  record Rows(Batch batch, Position position) implements Poll {}

  /** Nothing for now; ask again. */
  record Idle() implements Poll {}

  /** Nothing any more: the source is finite and has been read to its end. */
  record Done() implements Poll {}
}
