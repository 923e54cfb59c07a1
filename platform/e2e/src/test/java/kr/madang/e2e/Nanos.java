package kr.madang.e2e;

import java.time.Instant;

/** Instants as nanoseconds since 1970. */
final class Nanos {
  private Nanos() {}

  static long of(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }
}
