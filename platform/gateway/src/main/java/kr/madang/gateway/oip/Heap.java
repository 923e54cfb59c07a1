package kr.madang.gateway.oip;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds what large bodies and large answers may take of the heap together. Any thread. */
final class Heap {
  /** What is smaller is not counted: there are only so many connections. */
  static final int LARGE = 64 << 10;

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  Heap(long most) {
    this.most = most;
  }

  /** Takes room that is given back. */
  void take(long bytes) {
    if (taken.addAndGet(bytes) > most) {
      taken.addAndGet(-bytes);
      throw new Refusal(
          Status.UNAVAILABLE,
          "large bodies and answers that are on their way take %,d bytes already, %,d are allowed; try again later"
              .formatted(taken.get(), most),
          java.time.Duration.ofSeconds(1));
    }
  }

  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}
