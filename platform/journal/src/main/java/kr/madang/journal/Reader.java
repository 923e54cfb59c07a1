package kr.madang.journal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads on in a journal. Used by one thread at a time; an interrupt ends a wait, not the reader.
 */
public final class Reader implements AutoCloseable {

  /** The next forced record, or null if none came in time. What is damaged comes as a gap. */
  public @Nullable Logged poll(Duration atMost) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Whether everything that is forced by now was given. */
  public boolean atEnd() {
    throw new UnsupportedOperationException();
  }

  /** Frees what it holds; batches that were given stay their takers'. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
