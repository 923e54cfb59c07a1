package kr.madang.control;

import java.time.Instant;
import kr.madang.engine.step.AlarmListener;

/** Takes the alarms of steps. */
final class StageAlarms implements AlarmListener {
  private final AlarmBook book;

  StageAlarms(AlarmBook book) {
    this.book = book;
  }

  @Override
  public void alarm(
      String stage, String id, boolean active, String severity, String message, long timeNanos) {
    String[] parts = stage.split("/", 3);
    if (parts.length != 3 || parts[0].startsWith("check ")) {
      return;
    }
    AlarmBook.Subject subject = new AlarmBook.Subject(parts[0], parts[1], parts[2], id);
    Instant time =
        Instant.ofEpochSecond(
            Math.floorDiv(timeNanos, 1_000_000_000L), Math.floorMod(timeNanos, 1_000_000_000L));
    if (active) {
      book.raise(subject, severity, message, time);
    } else {
      book.clear(subject, time);
    }
  }
}
