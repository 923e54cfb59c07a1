package kr.madang.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kr.madang.control.AlarmBook.Subject;
import kr.madang.inference.Drift;

/**
 * Says where a model has moved beyond its limits. What is beyond stays so until it is below four
 * fifths of its limit, and while too little is seen to tell. One thread at a time.
 */
final class DriftAlarms {
  static final String CAUSE = "model.drift";

  /** By chance alone the index of so many values stays below 0.1. */
  static final long ENOUGH = 200;

  private static final double BACK = 0.8;

  /** What is beyond, with the figure that it had when it was found. */
  private final Map<Finding, String> found = new HashMap<>();

  private record Finding(Subject subject, String model, String column, String kind) {}

  /** What people should know. */
  record Trouble(Subject subject, String message) {}

  List<Trouble> look(List<Drifts.Watched> models) {
    Map<Subject, List<String>> told = new LinkedHashMap<>();
    Set<Finding> still = new HashSet<>();
    for (Drifts.Watched one : models) {
      for (Drift.Figures figures : one.drift().figures()) {
        Subject subject = subject(one, figures.place());
        for (Drift.Moved column : figures.columns()) {
          if (column.expected()) {
            new Look(told, still, subject, one).at(column);
          }
        }
      }
    }
    found.keySet().retainAll(still);
    List<Trouble> troubles = new ArrayList<>();
    told.forEach((subject, what) -> troubles.add(new Trouble(subject, String.join("; ", what))));
    return troubles;
  }

  private static Subject subject(Drifts.Watched one, Drift.Place place) {
    // what too many share is a matter of the platform
    String workspace = place.workspace().equals("*") ? "" : place.workspace();
    return place.pipeline().isEmpty()
        ? new Subject(workspace, "", one.model() + "@" + one.version(), CAUSE)
        : new Subject(workspace, place.pipeline(), "", CAUSE);
  }

  /** One look at a model where it is used. */
  private final class Look {
    private final Map<Subject, List<String>> told;
    private final Set<Finding> still;
    private final Subject subject;
    private final Drifts.Watched model;

    Look(
        Map<Subject, List<String>> told,
        Set<Finding> still,
        Subject subject,
        Drifts.Watched model) {
      this.told = told;
      this.still = still;
      this.subject = subject;
      this.model = model;
    }

    void at(Drift.Moved column) {
      boolean enough = column.sampled() >= ENOUGH;
      at(column, "stability index", column.index(), model.limits().psi(), enough);
      at(column, "share outside the range", column.outside(), model.limits().outOfRange(), enough);
      at(
          column,
          "share of missing values",
          column.missing() - column.usuallyMissing(),
          model.limits().missing(),
          column.seen() >= ENOUGH);
    }

    private void at(Drift.Moved column, String kind, double value, double limit, boolean enough) {
      Finding finding =
          new Finding(
              subject,
              model.model() + "@" + model.version(),
              column.side().name().toLowerCase(Locale.ROOT) + " '" + column.name() + "'",
              kind);
      boolean before = found.containsKey(finding);
      boolean beyond = enough ? value > (before ? BACK * limit : limit) : before;
      if (!beyond) {
        return;
      }
      still.add(finding);
      // the figure of the moment would make a new message of each look
      String message =
          found.computeIfAbsent(
              finding,
              one ->
                  String.format(
                      Locale.ROOT,
                      "%s of %s has moved from the baseline: %s %.2f, at most %.2f is usual",
                      one.column(),
                      one.model(),
                      one.kind(),
                      value,
                      limit));
      told.computeIfAbsent(subject, _ -> new ArrayList<>()).add(message);
    }
  }
}
