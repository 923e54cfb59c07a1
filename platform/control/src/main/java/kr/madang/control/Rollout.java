package kr.madang.control;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.inference.Comparison;

/**
 * The change of a model from one version to another while callers go on.
 *
 * @param model its name
 * @param from the version that stood for the name
 * @param wish what was wanted
 * @param stage what goes on, or what went on at the end
 * @param state how it stands
 * @param reason why it was given up; else empty
 * @param since when its stage began; after a restart of the runtime it begins anew
 * @param ended when it came to its end
 * @param seen what was seen in its stage
 */
public record Rollout(
    String model,
    String from,
    Wish wish,
    Stage stage,
    State state,
    String reason,
    Instant since,
    Optional<Instant> ended,
    Seen seen) {

  /** The version that is to stand for the name. */
  public String to() {
    return wish.version();
  }

  Rollout with(State newState, Instant at) {
    return new Rollout(model, from, wish, stage, newState, reason, since, Optional.of(at), seen);
  }

  /** How a change stands. */
  public enum State {
    /** The new version is watched. */
    RUNNING,
    /** The new version stands for the name. */
    PROMOTED,
    /** The old version stands for the name again. */
    ROLLED_BACK,
    /** It was compared only, and nothing spoke against it; the old version stands. */
    COMPARED
  }

  /** By what a new version is known. */
  public enum Mode {
    /** By copies of calls that the old version answers. */
    SHADOW,
    /** By a share of the calls. */
    CANARY,
    /** By copies first, then by a share. */
    SHADOW_THEN_CANARY
  }

  /** What goes on. */
  public enum Stage {
    /** The new version runs copies of calls; no caller gets its answers. */
    SHADOW,
    /** The new version answers its share of the calls. */
    CANARY
  }

  /**
   * What somebody wants.
   *
   * @param version exact
   * @param mode by what the new version is known
   * @param share of the calls by name that the new version answers, above 0 and at most 1
   * @param copies the share of the calls that it runs a copy of in the shadow, above 0 and at most
   *     1
   * @param watch how long each stage lasts
   * @param maxErrors the share of failed runs from which on it is given up, if the old one has less
   *     than half of it; the same for answers in another shape, and for rows with something that is
   *     no number
   * @param maxSlower how many times as long as those of the old version its runs may take
   * @param minAgreement the share of rows that must agree in the shadow; 0 for any
   * @param tolerance the difference of two numbers that agree, times the greater where that is
   *     above 1
   * @param tolerances of single outputs
   * @param maxShift the population stability index that an output may reach against the old
   *     version; 0 for any
   */
  public record Wish(
      String version,
      Mode mode,
      double share,
      double copies,
      Duration watch,
      double maxErrors,
      double maxSlower,
      double minAgreement,
      double tolerance,
      Map<String, Double> tolerances,
      double maxShift) {
    /** Checks the ranges. */
    public Wish {
      tolerances = Map.copyOf(tolerances);
      part("share", share);
      part("copies", copies);
      if (watch.isNegative() || watch.compareTo(Duration.ofDays(7)) > 0) {
        throw new IllegalArgumentException("watch: expected 0 to 7 days, got " + watch);
      }
      if (!(maxErrors >= 0 && maxErrors <= 1)) {
        throw new IllegalArgumentException("maxErrors: expected 0 to 1, got " + maxErrors);
      }
      if (!(maxSlower >= 1)) {
        throw new IllegalArgumentException("maxSlower: expected 1 or more, got " + maxSlower);
      }
      if (!(minAgreement >= 0 && minAgreement <= 1)) {
        throw new IllegalArgumentException("minAgreement: expected 0 to 1, got " + minAgreement);
      }
      atLeastZero("tolerance", tolerance);
      tolerances.forEach((output, value) -> atLeastZero("tolerances." + output, value));
      atLeastZero("maxShift", maxShift);
    }

    private static void part(String what, double value) {
      if (!(value > 0 && value <= 1)) {
        throw new IllegalArgumentException(what + ": expected above 0 and at most 1, got " + value);
      }
    }

    private static void atLeastZero(String what, double value) {
      if (!(value >= 0)) {
        throw new IllegalArgumentException(what + ": expected 0 or more, got " + value);
      }
    }

    /** A share of the calls, judged by errors and times. */
    public Wish(String version, double share, Duration watch, double maxErrors, double maxSlower) {
      this(version, Mode.CANARY, share, 1, watch, maxErrors, maxSlower, 0, 0.001, Map.of(), 0);
    }

    /** The stage that comes first. */
    Stage first() {
      return mode == Mode.CANARY ? Stage.CANARY : Stage.SHADOW;
    }
  }

  /**
   * What was seen in a stage. Times are of one run, in microseconds.
   *
   * @param calls that the new version has answered, or copies that it has run
   * @param runs of the new version, also those that failed
   * @param dropped copies that were not run, since no core was free or too many waited
   * @param errors the share of its runs that have failed
   * @param unsound the share of its rows with something that is no number
   * @param slower how many times as long as those of the old version its runs take; 0 if unknown
   * @param compared rows that both have run
   * @param agreement the share of these that agree; 1 while there are none
   * @param shift the greatest population stability index of the outputs
   * @param oldMedian of the old version for the same calls; 0 outside of the shadow
   * @param oldTail what 99 of 100 runs of the old version stay below
   * @param freshMedian of the new version
   * @param freshTail what 99 of 100 runs of the new version stay below
   * @param outputs each by itself; empty after a restart
   */
  public record Seen(
      long calls,
      long runs,
      long dropped,
      double errors,
      double unsound,
      double slower,
      long compared,
      double agreement,
      double shift,
      double oldMedian,
      double oldTail,
      double freshMedian,
      double freshTail,
      List<Comparison.Output> outputs) {
    /** Nothing yet. */
    static final Seen NOTHING = new Seen(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, List.of());

    /** Makes the list unmodifiable. */
    public Seen {
      outputs = List.copyOf(outputs);
    }
  }
}
