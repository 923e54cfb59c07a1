package kr.madang.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import kr.madang.engine.Ledger;

/** What a ledger tells people. */
final class Accounts {
  /** Causes for which rows are gone that had been accepted; others are what a step is there for. */
  private static final Set<String> GAPS = Set.of("damaged", "missing", "dropOldest", "dropNewest");

  private static final String JOURNAL = "journal";

  private Accounts() {}

  /** Every stage and link that does not add up, with its figures. */
  static String whatIsWrong(Ledger ledger) {
    List<String> wrong = new ArrayList<>();
    for (Ledger.Stage stage : ledger.stages()) {
      if (!stage.balanced()) {
        wrong.add(
            "stage %s took in %,d rows, of which %,d absorbed, %,d filtered, %,d rejected, %,d dropped, %,d held and %,d in work"
                .formatted(
                    stage.name(),
                    stage.in(),
                    stage.absorbed(),
                    stage.filtered(),
                    stage.rejected(),
                    stage.dropped().values().stream().mapToLong(Long::longValue).sum(),
                    stage.held(),
                    stage.working()));
      }
    }
    for (Ledger.Link link : ledger.links()) {
      if (!link.balanced()) {
        wrong.add(
            "from %s to %s %,d rows were emitted, %,d received, %,d dropped, %,d queued"
                .formatted(
                    link.from(),
                    link.to(),
                    link.emitted(),
                    link.received(),
                    link.dropped(),
                    link.queued()));
      }
    }
    return "the ledger does not balance: " + String.join("; ", wrong);
  }

  /** How many accepted rows are gone, by cause. */
  static Map<String, Long> gone(Ledger ledger) {
    Map<String, Long> rows = new TreeMap<>();
    for (Ledger.Stage stage : ledger.stages()) {
      stage
          .dropped()
          .forEach((cause, lost) -> {
            if (GAPS.contains(cause) && lost > 0) {
              rows.merge(cause, lost, Long::sum);
            }
          });
    }
    return rows;
  }

  /**
   * The same for people, and what a journal has lost before it came to a stage.
   *
   * @param durable whether the links lead through a journal; else what was dropped on them was so
   *     by a stop that somebody asked for
   */
  static Map<String, String> gaps(Ledger ledger, boolean durable) {
    Map<String, Long> rows = gone(ledger);
    Map<String, StringJoiner> stages = new TreeMap<>();
    for (Ledger.Stage stage : ledger.stages()) {
      stage
          .dropped()
          .forEach((cause, lost) -> {
            if (GAPS.contains(cause) && lost > 0) {
              stages
                  .computeIfAbsent(cause, _ -> new StringJoiner(", "))
                  .add("%s %,d".formatted(stage.name(), lost));
            }
          });
    }
    Map<String, String> told = new TreeMap<>();
    rows.forEach((cause, lost) ->
        told.put(cause, "%,d rows %s (%s)".formatted(lost, became(cause), stages.get(cause))));
    StringJoiner links = new StringJoiner(", ");
    for (Ledger.Link link : ledger.links()) {
      if (durable && link.dropped() > 0) {
        links.add("%,d from %s to %s".formatted(link.dropped(), link.from(), link.to()));
      }
    }
    if (links.length() > 0) {
      told.put(JOURNAL, "rows are gone from the journal, for want of room or by damage: " + links);
    }
    return told;
  }

  private static String became(String cause) {
    return switch (cause) {
      case "damaged" -> "could not be read from the journal any more";
      case "missing" -> "are missing in the journal";
      default -> "were dropped by the policy " + cause;
    };
  }

  static String severity(String cause) {
    return cause.startsWith("drop") ? "high" : "critical";
  }
}
