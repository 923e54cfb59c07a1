package kr.madang.plugins.files;

import java.time.Instant;

/** Instants as ns since 1970 UTC. */
final class Nanos {
  private Nanos() {}

  static long of(Instant instant) {
    return instant.getEpochSecond() * TimeParser.SECOND + instant.getNano();
  }
}
