package kr.madang.journal;

import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * One record to be appended. Its sequence number is given at append: that of the stream's first row
 * that has none yet.
 *
 * @param stream it belongs to
 * @param batch rows, borrowed until {@link Journal#append} returns; null for a note
 * @param rows by how many numbers the stream advances
 * @param meta bytes of the writer beside the rows; may be empty
 */
public record Entry(JournalStream stream, @Nullable Batch batch, int rows, byte[] meta) {

  /** Rows of a stream. */
  public static Entry rows(JournalStream stream, Batch batch, byte[] meta) {
    return new Entry(stream, batch, batch.rows(), meta);
  }

  /** Bytes that count as one row of their stream. */
  public static Entry note(JournalStream stream, byte[] meta) {
    return new Entry(stream, null, 1, meta);
  }

  /** Bytes that count as no row: news of where the writer stands. */
  public static Entry mark(JournalStream stream, byte[] meta) {
    return new Entry(stream, null, 0, meta);
  }
}
