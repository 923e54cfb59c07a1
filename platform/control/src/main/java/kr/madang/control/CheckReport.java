package kr.madang.control;

import java.util.List;

/**
 * What a check of a pipeline found.
 *
 * @param pipeline name in the document; empty if it could not be read
 * @param steps in the order in which they were tried
 */
public record CheckReport(String pipeline, List<Step> steps) {

  /** Makes the list unmodifiable. */
  public CheckReport {
    steps = List.copyOf(steps);
  }

  /** Whether nothing failed. */
  public boolean ok() {
    return steps.stream().noneMatch(step -> step.outcome() == Outcome.FAILED);
  }

  /**
   * One thing that was tried.
   *
   * @param stage name in the pipeline; empty for the document as a whole
   * @param what was tried: {@code parse}, {@code wiring}, {@code schema}, or the phrase of a
   *     verification
   * @param outcome how it went
   * @param message the schema that was found, or what is wrong, where, and what to do; may be empty
   */
  public record Step(String stage, String what, Outcome outcome, String message) {}

  /** How a step of a check went. */
  public enum Outcome {
    /** As it should be. */
    OK,
    /** Not as it should be. */
    FAILED,
    /** Not tried, because something before it failed. */
    SKIPPED
  }
}
