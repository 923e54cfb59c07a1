package kr.madang.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import kr.madang.control.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes alarms from any thread without waiting for the disk, and writes them in groups. Transitions
 * that are known already are ignored.
 */
final class AlarmBook {
  private static final Logger LOG = LoggerFactory.getLogger(AlarmBook.class);
  private static final int WAITING = 10_000;
  private static final int KEPT = 1000;
  private static final String COLUMNS =
      "id, workspace, pipeline, stage, cause, severity, message, active, acknowledged, since,"
          + " cleared";

  private final Supplier<Store> store;
  private final Runnable wake;
  private final Deque<Change> waiting = new ArrayDeque<>();
  private long lost;

  AlarmBook(Supplier<Store> store, Runnable wake) {
    this.store = store;
    this.wake = wake;
  }

  /** What an alarm is about. */
  record Subject(String workspace, String pipeline, String stage, String cause) {}

  private record Change(
      Subject subject, boolean active, String severity, String message, long millis) {}

  void raise(Subject subject, String severity, String message, Instant since) {
    add(new Change(subject, true, severity, message, since.toEpochMilli()));
  }

  void clear(Subject subject, Instant at) {
    add(new Change(subject, false, "", "", at.toEpochMilli()));
  }

  private void add(Change change) {
    synchronized (waiting) {
      if (waiting.size() == WAITING) {
        waiting.removeFirst();
        lost++;
      }
      waiting.addLast(change);
    }
    wake.run();
  }

  /** Writes what waits. */
  void write() {
    List<Change> changes;
    synchronized (waiting) {
      if (waiting.isEmpty()) {
        return;
      }
      changes = new ArrayList<>(waiting);
      waiting.clear();
      if (lost > 0) {
        LOG.warn("{} alarm changes came faster than they could be stored and are lost", lost);
        lost = 0;
      }
    }
    store
        .get()
        .transaction(rows -> {
          for (Change change : changes) {
            write(rows, change);
          }
          return rows.change(
              "DELETE FROM alarm WHERE active = 0 AND id NOT IN"
                  + " (SELECT id FROM alarm WHERE active = 0 ORDER BY id DESC LIMIT ?)",
              KEPT);
        });
  }

  private static void write(Store.Rows rows, Change change) throws SQLException {
    Subject of = change.subject();
    if (change.active()) {
      int known =
          rows.change(
              "UPDATE alarm SET severity = ?, message = ? WHERE active = 1 AND workspace = ?"
                  + " AND pipeline = ? AND stage = ? AND cause = ?",
              change.severity(),
              change.message(),
              of.workspace(),
              of.pipeline(),
              of.stage(),
              of.cause());
      if (known == 0) {
        rows.change(
            "INSERT INTO alarm (workspace, pipeline, stage, cause, severity, message, active,"
                + " acknowledged, since) VALUES (?, ?, ?, ?, ?, ?, 1, 0, ?)",
            of.workspace(),
            of.pipeline(),
            of.stage(),
            of.cause(),
            change.severity(),
            change.message(),
            change.millis());
      }
    } else {
      rows.change(
          "UPDATE alarm SET active = 0, cleared = ? WHERE active = 1 AND workspace = ?"
              + " AND pipeline = ? AND stage = ? AND cause = ?",
          change.millis(),
          of.workspace(),
          of.pipeline(),
          of.stage(),
          of.cause());
    }
  }

  /** Clears everything of a pipeline that is deleted. */
  void forget(String workspace, String pipeline, Instant at) {
    write();
    store
        .get()
        .transaction(rows ->
            rows.change(
                "UPDATE alarm SET active = 0, cleared = ?"
                    + " WHERE active = 1 AND workspace = ? AND pipeline = ?",
                at.toEpochMilli(),
                workspace,
                pipeline));
  }

  /** Those of a workspace and of the platform: the active ones, then the latest cleared. */
  List<Alarm> list(String workspace) {
    write();
    return store
        .get()
        .transaction(rows ->
            rows.read(
                "SELECT "
                    + COLUMNS
                    + " FROM alarm WHERE workspace IN (?, '') ORDER BY active DESC, id DESC"
                    + " LIMIT 1000",
                AlarmBook::alarm,
                workspace));
  }

  /** All active ones. */
  List<Alarm> active() {
    write();
    return store
        .get()
        .transaction(rows ->
            rows.read("SELECT " + COLUMNS + " FROM alarm WHERE active = 1", AlarmBook::alarm));
  }

  /** Those of the platform itself, oldest first, so that the latest of each is the last. */
  List<Alarm> platform() {
    write();
    return store
        .get()
        .transaction(rows ->
            rows.read(
                "SELECT " + COLUMNS + " FROM alarm WHERE (stage = '' OR pipeline = '') ORDER BY id",
                AlarmBook::alarm));
  }

  static Optional<Alarm> find(Store.Rows rows, String workspace, long id) throws SQLException {
    return rows
        .read(
            "SELECT " + COLUMNS + " FROM alarm WHERE id = ? AND workspace IN (?, '')",
            AlarmBook::alarm,
            id,
            workspace)
        .stream()
        .findFirst();
  }

  private static Alarm alarm(ResultSet row) throws SQLException {
    long cleared = row.getLong(11);
    boolean isCleared = !row.wasNull();
    return new Alarm(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getBoolean(8),
        row.getBoolean(9),
        Instant.ofEpochMilli(row.getLong(10)),
        isCleared ? Optional.of(Instant.ofEpochMilli(cleared)) : Optional.empty());
  }
}
