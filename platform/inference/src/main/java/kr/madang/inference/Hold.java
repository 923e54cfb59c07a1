package kr.madang.inference;

/** How long the thread that brings a call may be held by its run. */
public enum Hold {
  /** Not at all: the call comes from a thread that has other work, or may block elsewhere. */
  NONE(0),
  /** For what would cost more to hand over: up to 100 µs, on top of the permits if need be. */
  BRIEF(100_000),
  /** Up to 5 ms where a permit is free: nobody else is served by this thread. */
  LONG(5_000_000);

  final long nanos;

  Hold(long nanos) {
    this.nanos = nanos;
  }
}
