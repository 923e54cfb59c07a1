package kr.madang.journal;

/** One ordered stream of a journal. Methods may be called from any thread. */
public final class JournalStream {

  /** Unique in the journal. */
  public String name() {
    throw new UnsupportedOperationException();
  }

  /** Rises only when numbers could repeat. */
  public long epoch() {
    throw new UnsupportedOperationException();
  }

  /** The number that the next row appended gets. */
  public long next() {
    throw new UnsupportedOperationException();
  }

  /** Rows below it are safe. */
  public long forced() {
    throw new UnsupportedOperationException();
  }

  /**
   * Rows below a number are not needed any more. Not remembered over a restart: who reads a stream
   * says it again.
   */
  public void release(long upTo) {
    throw new UnsupportedOperationException();
  }

  /** How it is. */
  public StreamStatus status() {
    throw new UnsupportedOperationException();
  }
}
