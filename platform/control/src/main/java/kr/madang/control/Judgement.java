package kr.madang.control;

import java.util.Map;
import java.util.Optional;
import kr.madang.control.Rollout.Seen;
import kr.madang.control.Rollout.Stage;
import kr.madang.control.Rollout.Wish;
import kr.madang.inference.CallFigures;
import kr.madang.inference.CallFigures.Snapshot;
import kr.madang.inference.Comparison;

/** What speaks against a new version of a model. */
final class Judgement {
  static final long ENOUGH_RUNS = 20;
  private static final long ENOUGH_ROWS = 20;

  /** Of fewer values chance alone makes an index that looks like a change. */
  private static final long ENOUGH_VALUES = 300;

  /** So many microseconds more are none of a model's fault: a thread that was cold. */
  private static final double LEEWAY = 200;

  private Judgement() {}

  /**
   * Why a new version is to be given up; empty while nothing speaks against it.
   *
   * @param usual the share of runs of the old version that fail
   * @param failure why a run of the new version failed; may be empty
   */
  static Optional<String> against(
      String from,
      Wish wish,
      Stage stage,
      Seen seen,
      double usual,
      Comparison.Figures figures,
      String failure) {
    if (seen.errors() > Math.max(wish.maxErrors(), 2 * usual) && seen.runs() >= ENOUGH_RUNS) {
      return Optional.of(
          "%.1f %% of its runs failed, %.1f %% of those of version %s; at most %.1f %% may%s"
              .formatted(
                  seen.errors() * 100,
                  usual * 100,
                  from,
                  wish.maxErrors() * 100,
                  failure.isEmpty() ? "" : ": " + failure));
    }
    if (figures.misshapen() > wish.maxErrors() * figures.freshRows()) {
      return Optional.of(
          "it answers in another shape than version %s: %s".formatted(from, figures.shape()));
    }
    double usuallyUnsound = figures.oldUnsound() / (double) Math.max(1, figures.oldRows());
    if (figures.freshRows() >= ENOUGH_ROWS
        && seen.unsound() > Math.max(wish.maxErrors(), 2 * usuallyUnsound)) {
      return Optional.of(
          "%.1f %% of its rows have something that is no number, %.1f %% of those of version %s; at most %.1f %% may"
              .formatted(seen.unsound() * 100, usuallyUnsound * 100, from, wish.maxErrors() * 100));
    }
    if (seen.slower() > wish.maxSlower()
        && (stage == Stage.CANARY
            || seen.runs() >= ENOUGH_RUNS
                && seen.freshMedian() > seen.oldMedian() * wish.maxSlower() + LEEWAY)) {
      return Optional.of(
          "its runs take %.1f times as long as those of version %s; at most %.1f times is wanted"
              .formatted(seen.slower(), from, wish.maxSlower()));
    }
    if (seen.compared() >= ENOUGH_ROWS && seen.agreement() < wish.minAgreement()) {
      return Optional.of(
          "%.1f %% of the rows agree with version %s; at least %.1f %% are wanted"
              .formatted(seen.agreement() * 100, from, wish.minAgreement() * 100));
    }
    return wish.maxShift() > 0 ? shifted(from, wish, figures) : Optional.empty();
  }

  private static Optional<String> shifted(String from, Wish wish, Comparison.Figures figures) {
    for (Comparison.Output output : figures.outputs()) {
      if (output.values() >= ENOUGH_VALUES && output.shift() > wish.maxShift()) {
        return Optional.of(
            "output '%s' is spread otherwise than that of version %s: its population stability index is %.2f, its mean %.4g instead of %.4g; at most %.2f is wanted"
                .formatted(
                    output.name(),
                    from,
                    output.shift(),
                    output.freshMean(),
                    output.oldMean(),
                    wish.maxShift()));
      }
    }
    return Optional.empty();
  }

  /** Why a comparison says too little to go on by; empty if it says enough. */
  static Optional<String> thin(Seen seen) {
    return seen.compared() >= ENOUGH_ROWS
        ? Optional.empty()
        : Optional.of(
            "%d rows could be compared, %d copies of calls found no free core; at least %d rows are wanted"
                .formatted(seen.compared(), seen.dropped(), ENOUGH_ROWS));
  }

  static long runs(Snapshot before, Snapshot now) {
    return now.runs() - before.runs() + now.broken() - before.broken();
  }

  static double errors(Snapshot before, Snapshot now) {
    long all = runs(before, now);
    return all == 0 ? 0 : (now.broken() - before.broken()) / (double) all;
  }

  /** Compares runs of the same numbers of rows; 0 while there are too few of them. */
  static double slower(Snapshot before, Snapshot now, Snapshot old) {
    double took = 0;
    double usual = 0;
    long runs = 0;
    for (Map.Entry<Long, CallFigures.Times> size : now.sizes().entrySet()) {
      CallFigures.Times known = old.sizes().get(size.getKey());
      CallFigures.Times earlier = before.sizes().get(size.getKey());
      long count = size.getValue().count() - (earlier == null ? 0 : earlier.count());
      long nanos = size.getValue().nanos() - (earlier == null ? 0 : earlier.nanos());
      if (known != null && known.count() >= ENOUGH_RUNS && count >= ENOUGH_RUNS) {
        runs += count;
        took += nanos;
        usual += count * (known.nanos() / (double) known.count());
      }
    }
    return runs == 0 ? 0 : took / usual;
  }
}
