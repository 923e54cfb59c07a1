package kr.madang.engine;

import java.util.ArrayDeque;

/** Which marks may pass a stage: those whose rows no coming output depends on. */
final class Marks {
  private record Mark(int source, long number, long after) {}

  /** Where a mark goes that may pass. */
  interface Passed {
    void mark(int source, long number) throws InterruptedException;
  }

  private final ArrayDeque<Mark> waiting = new ArrayDeque<>();

  /** A mark stands after so many input rows. */
  void add(int source, long number, long after) {
    waiting.add(new Mark(source, number, after));
  }

  /** Lets every mark pass that stands within the first {@code settled} input rows. */
  void advance(long settled, Passed passed) throws InterruptedException {
    Mark last = null;
    for (Mark mark = waiting.peek(); mark != null && mark.after <= settled; mark = waiting.peek()) {
      if (last != null && last.source != mark.source) {
        passed.mark(last.source, last.number);
      }
      last = waiting.remove();
    }
    if (last != null) {
      passed.mark(last.source, last.number);
    }
  }
}
