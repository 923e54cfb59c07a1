package kr.madang.sdk.transform;

import kr.madang.sdk.batch.Batch;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One running step of a pipeline.
 *
 * <p>Life: {@link TransformFactory#open} → {@link #restore} if there is a state → {@link #apply}
 * for each batch, {@link #save} between two of them → {@link #flush} if the source came to its end
 * → {@link #close}. All on one thread at a time.
 *
 * <p>After a crash the host restores the last state and gives the batches behind it once more,
 * leaving out what had come of them. So what a step emits depends on its batches and its state
 * only: not on the clock, on chance, or on anything that it asks elsewhere.
 */
public interface Transform extends AutoCloseable {

  /** The schema of what this step emits; known before the first row. */
  Schema schema();

  /**
   * Takes one batch. It is borrowed: the host closes it, the step never writes it and takes {@link
   * Batch#retain} to keep it. Rows that belong to no output are named to {@code out} as filtered,
   * dropped or rejected; the rest counts as absorbed.
   */
  void apply(Batch in, BatchOutput out) throws Exception;

  /** The source has come to its end: emits what can be emitted. Called at most once. */
  default void flush(BatchOutput out) throws Exception {}

  /**
   * The number of the latest input rows on which coming outputs still depend. They count as held,
   * and hold back the acknowledgement of the source. Asked after each {@link #apply}.
   */
  default long held() {
    return 0;
  }

  /**
   * Writes everything that coming outputs depend on. Called about once a second, so it should be
   * short. While a step holds rows and writes nothing, its input must stay in the journal.
   */
  default void save(StateOutput out) throws Exception {}

  /** Reads what {@link #save} of the same version of the pipeline wrote. */
  default void restore(StateInput in) throws Exception {}

  /** Called once. */
  @Override
  default void close() throws Exception {}
}
