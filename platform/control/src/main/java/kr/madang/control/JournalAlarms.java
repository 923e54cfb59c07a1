package kr.madang.control;

import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.control.AlarmBook.Subject;
import kr.madang.journal.Damage;
import kr.madang.journal.JournalStatus;

/** What a journal gives reason to raise. */
final class JournalAlarms {
  private JournalAlarms() {}

  /** Takes an alarm that holds now. */
  @FunctionalInterface
  interface Raise {
    void raise(Subject subject, String severity, String message);
  }

  static void of(String workspace, JournalStatus status, Raise to) {
    switch (status.state()) {
      case FULL -> to.raise(subject(workspace, "", "journal.full"), "high", status.reason());
      case FAILING ->
          to.raise(subject(workspace, "", "journal.failing"), "critical", status.reason());
      default -> {}
    }
    Map<String, Integer> places = new LinkedHashMap<>();
    Map<String, String> latest = new LinkedHashMap<>();
    for (Damage damage : status.damage()) {
      places.merge(damage.file(), 1, Integer::sum);
      latest.put(damage.file(), damage.file() + " at " + damage.offset() + ": " + damage.what());
    }
    latest.forEach((file, what) -> {
      int more = places.getOrDefault(file, 1) - 1;
      to.raise(
          subject(workspace, file, PlatformAlarms.DAMAGED),
          "critical",
          what + (more == 0 ? "" : " (and " + more + " more places in this file)"));
    });
  }

  private static Subject subject(String workspace, String file, String cause) {
    return new Subject(workspace, "", file, cause);
  }
}
