package kr.madang.control;

import java.time.Duration;

/**
 * The change of a model from one version to another while callers go on.
 *
 * @param model its name
 * @param from the version that stood for the name
 * @param to the version that is to
 * @param share of the calls by name that the new version gets, 0 to 1
 * @param watch how long the new version is watched after it has begun
 * @param maxErrors the share of failed runs from which on it is given up, if the old one has less
 *     than half of it
 * @param maxSlower how many times as long as those of the old version its runs may take
 * @param state how it stands
 * @param reason why it was given up; else empty
 * @param calls that the new version has answered
 * @param errors the share of its runs that have failed
 * @param slower how many times as long as those of the old version its runs take; 0 if unknown
 */
public record Rollout(
    String model,
    String from,
    String to,
    double share,
    Duration watch,
    double maxErrors,
    double maxSlower,
    State state,
    String reason,
    long calls,
    double errors,
    double slower) {

  /** How a change stands. */
  public enum State {
    /** The new version is watched. */
    RUNNING,
    /** The new version stands for the name. */
    PROMOTED,
    /** The old version stands for the name again. */
    ROLLED_BACK
  }

  /**
   * What somebody wants.
   *
   * @param version exact
   */
  public record Wish(
      String version, double share, Duration watch, double maxErrors, double maxSlower) {
    /** Checks the ranges. */
    public Wish {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("share: expected above 0 and at most 1, got " + share);
      }
      if (watch.isNegative() || watch.compareTo(Duration.ofDays(7)) > 0) {
        throw new IllegalArgumentException("watch: expected 0 to 7 days, got " + watch);
      }
      if (!(maxErrors >= 0 && maxErrors <= 1)) {
        throw new IllegalArgumentException("maxErrors: expected 0 to 1, got " + maxErrors);
      }
      if (!(maxSlower >= 1)) {
        throw new IllegalArgumentException("maxSlower: expected 1 or more, got " + maxSlower);
      }
    }
  }
}
