package kr.madang.journal.disk;

/** A {@link SimDisk} does nothing any more: to its user the process has ended. */
public final class Stopped extends Error {
  private static final long serialVersionUID = 1;

  Stopped() {
    super("the simulated disk was stopped", null, false, false);
  }
}
