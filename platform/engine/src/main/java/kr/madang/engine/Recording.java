package kr.madang.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the journal still has of the input of a pipeline.
 *
 * @param sources by name
 */
public record Recording(List<Source> sources) {

  /**
   * What one source gave.
   *
   * @param name of the source
   * @param epoch of its numbers
   * @param first number of the oldest row that is still there
   * @param next the number after the newest
   * @param from when the oldest record was appended; empty if there is none
   * @param to when the newest record was appended; empty if there is none
   */
  public record Source(
      String name,
      long epoch,
      long first,
      long next,
      Optional<Instant> from,
      Optional<Instant> to) {}

  /**
   * A part of a recording, by time of append.
   *
   * @param from the first instant; empty for the oldest
   * @param to the instant after the last; empty for what is there when the replay starts
   */
  public record Range(Optional<Instant> from, Optional<Instant> to) {
    /** Everything that is there. */
    public static final Range ALL = new Range(Optional.empty(), Optional.empty());
  }
}
