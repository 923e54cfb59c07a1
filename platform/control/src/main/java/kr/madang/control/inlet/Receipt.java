package kr.madang.control.inlet;

/** Is told, once, that rows were accepted; on a thread of the pipeline, and must not block. */
@FunctionalInterface
public interface Receipt {
  /**
   * They outlive a restart, or are delivered where the pipeline has no journal.
   *
   * @param rows that the source has accepted since it was made, these too
   * @param repeated whether they had come before and were not taken again
   */
  void accepted(long rows, boolean repeated);
}
