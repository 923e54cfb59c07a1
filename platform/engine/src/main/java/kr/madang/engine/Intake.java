package kr.madang.engine;

import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/** Where a sink takes its rows from. Used by the sink's thread. */
interface Intake extends AutoCloseable {

  /**
   * One entry: a batch, a mark, or both (first the batch, then the mark).
   *
   * @param batch the taker's to close
   * @param lane whose mark it is: marks of different lanes pass independently
   * @param mark {@link Link#NO_MARK} for none
   */
  record Item(@Nullable Batch batch, int lane, long mark) {}

  /** The next entry, or null after the given time or when {@link #ended}. */
  @Nullable Item poll(long nanos) throws InterruptedException;

  /** The same batch under the key by which the far side may know it again. */
  Batch stamp(Batch batch, long taken);

  /** Whether the letter about a row was kept in an earlier life. */
  boolean letterKept(long sequence);

  /** So many of the rows taken are with the far side for good, or rejected. */
  void settled(long rows, long rejected);

  /** All before a mark is settled. */
  void passed(int lane, long mark) throws InterruptedException;

  /** The sink works again after it did not. */
  void back();

  /** Whether nothing more is to be taken. */
  boolean ended();

  /** Whether what is not delivered outlives the pipeline. */
  boolean keepsRest();

  /** Ends the pauses of a sink in trouble. */
  Stopper patience();

  /** Whether a sink in trouble is to leave. */
  default boolean mayLeave() {
    return patience().stopped();
  }

  /** Nothing will be taken any more. */
  @Override
  void close();
}
