package kr.madang.inference;

/** A call that is under way. */
@FunctionalInterface
public interface Ticket {
  /**
   * Nobody waits for the answer any more. A call that waits ends at once; one that runs ends
   * between two nodes of the graph. It is replied to in any case; afterwards this does nothing.
   */
  void cancel();
}
