package kr.madang.engine;

/** Which sources have ended, and how far the journal must be read to have all they gave. */
final class Arrivals {
  private int open;
  private boolean finished = true;
  private long last = -1;

  Arrivals(int sources) {
    open = sources;
  }

  synchronized void ended(int source, boolean byItself, long order) {
    open--;
    finished &= byItself;
    last = Math.max(last, order);
  }

  /** Whether no source will give anything more. */
  synchronized boolean allEnded() {
    return open == 0;
  }

  /** The last record that a source has appended. */
  synchronized long last() {
    return last;
  }

  /** Whether all sources came to their end by themselves. */
  synchronized boolean finished() {
    return open == 0 && finished;
  }
}
