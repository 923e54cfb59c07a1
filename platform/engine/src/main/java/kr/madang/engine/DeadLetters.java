package kr.madang.engine;

import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The dead letters of one pipeline, whether it runs or not. Bounded: the oldest go when there are
 * too many. Any thread; may block on the disk.
 */
public final class DeadLetters {
  DeadLetters() {}

  /**
   * The latest, newest last.
   *
   * @param stage only those of a stage; empty for all
   * @param state only those in a state; empty for all
   */
  public List<DeadLetter> list(
      Optional<String> stage, Optional<DeadLetter.State> state, int atMost) {
    throw new UnsupportedOperationException();
  }

  /** One of them. */
  public Optional<DeadLetter> find(String id) {
    throw new UnsupportedOperationException();
  }

  /** Its rows, the caller's to close; empty if only their text was kept. */
  public Optional<Batch> rows(String id, BufferAllocator allocator) {
    throw new UnsupportedOperationException();
  }

  /**
   * Puts rows back before the stage that could not take them (behind the source, for those of a
   * source), durably; they are worked on when the pipeline runs.
   *
   * @param corrected rows to put in instead, of the same schema; borrowed; null for the rows as
   *     they were
   * @throws kr.madang.sdk.error.PluginException NOT_FOUND for an unknown id, CONFIG_INVALID if it
   *     is not open, cannot be replayed, or the rows do not fit
   */
  public void replay(String id, @org.jspecify.annotations.Nullable Batch corrected) {
    throw new UnsupportedOperationException();
  }

  /** Lets one be; it stays until there are too many. NOT_FOUND for an unknown id. */
  public void discard(String id) {
    throw new UnsupportedOperationException();
  }
}
