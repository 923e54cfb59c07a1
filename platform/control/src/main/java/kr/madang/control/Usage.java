package kr.madang.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import kr.madang.control.store.Store;
import kr.madang.inference.Inference;
import kr.madang.inference.Use;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of shared use: what each workspace has had of each version of each model, hour by
 * hour. One thread writes what was counted since its last turn, 10 s before, so that no call waits
 * for the disk and a crash forgets no more than that. An hour that is over is closed: its rows are
 * neither changed nor deleted any more, the database refuses it.
 */
public final class Usage {
  private static final Logger LOG = LoggerFactory.getLogger(Usage.class);
  private static final long EVERY_SECONDS = 10;
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final String COLUMNS =
      "hour, workspace, model, version, origin, calls, failed, rejected, rows, compute_nanos,"
          + " bytes_in, bytes_out";

  private final Guard guard;
  private final Store store;
  private final Inference inference;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final Map<Use.Key, Use.Snapshot> written = new HashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean closed;

  Usage(Guard guard, Store store, Inference inference, InstantSource clock, ThreadFactory threads) {
    this.guard = guard;
    this.store = store;
    this.inference = inference;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * The use of an hour.
   *
   * @param hour its beginning
   * @param origin {@code callers} or {@code pipelines}
   * @param calls that were answered; batches of pipelines
   * @param rejected calls that were not run
   * @param computeNanos on cores
   */
  public record Row(
      Instant hour,
      String workspace,
      String model,
      String version,
      String origin,
      long calls,
      long failed,
      long rejected,
      long rows,
      long computeNanos,
      long bytesIn,
      long bytesOut) {}

  /**
   * What is asked for.
   *
   * @param from the hour of this moment is the first
   * @param to hours that begin here or later are left out
   * @param workspace empty for all that the caller sees
   * @param most rows
   */
  public record Wish(Instant from, Instant to, Optional<String> workspace, int most) {
    /** Checks the order. */
    public Wish {
      if (!from.isBefore(to)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "from: expected a time before 'to', which is " + to + ", got " + from);
      }
    }
  }

  /** By the clock that hours are told from. */
  public Instant now() {
    return clock.instant();
  }

  /** Begins to write. */
  void start() {
    threads.newThread(this::loop).start();
  }

  private void loop() {
    try {
      while (!closing.await(EVERY_SECONDS, TimeUnit.SECONDS)) {
        try {
          write();
        } catch (RuntimeException e) {
          // what was counted is written with the next turn
          LOG.error("the use of models could not be stored: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what was counted since the last time, and closes hours that are over. */
  synchronized void write() {
    if (closed) {
      return;
    }
    List<Use.Snapshot> now = inference.uses();
    long hour = clock.millis() / HOUR * HOUR;
    store.transaction(rows -> {
      rows.change(
          "INSERT INTO usage ("
              + COLUMNS
              + ") SELECT "
              + COLUMNS
              + " FROM usage_open"
              + " WHERE hour <> ?",
          hour);
      rows.change("DELETE FROM usage_open WHERE hour <> ?", hour);
      for (Use.Snapshot one : now) {
        add(rows, hour, one, written.get(one.key()));
      }
      return true;
    });
    now.forEach(one -> written.put(one.key(), one));
  }

  private static void add(
      Store.Rows rows, long hour, Use.Snapshot now, Use.@Nullable Snapshot before)
      throws SQLException {
    long[] more = {
      now.calls() - (before == null ? 0 : before.calls()),
      now.failed() - (before == null ? 0 : before.failed()),
      now.rejected() - (before == null ? 0 : before.rejected()),
      now.rows() - (before == null ? 0 : before.rows()),
      now.computeNanos() - (before == null ? 0 : before.computeNanos()),
      now.bytesIn() - (before == null ? 0 : before.bytesIn()),
      now.bytesOut() - (before == null ? 0 : before.bytesOut())
    };
    long any = 0;
    for (long one : more) {
      any |= one;
    }
    if (any == 0) {
      return;
    }
    rows.change(
        "INSERT INTO usage_open ("
            + COLUMNS
            + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (hour, workspace, model, version, origin) DO UPDATE SET"
            + " calls = calls + excluded.calls, failed = failed + excluded.failed,"
            + " rejected = rejected + excluded.rejected, rows = rows + excluded.rows,"
            + " compute_nanos = compute_nanos + excluded.compute_nanos,"
            + " bytes_in = bytes_in + excluded.bytes_in,"
            + " bytes_out = bytes_out + excluded.bytes_out",
        hour,
        now.key().workspace(),
        now.key().model(),
        now.key().version(),
        now.key().by().name().toLowerCase(Locale.ROOT),
        more[0],
        more[1],
        more[2],
        more[3],
        more[4],
        more[5],
        more[6]);
  }

  /**
   * The rows of the ledger, by hour and name; of the hour that is not over, what was counted until
   * now.
   *
   * @throws PluginException CONFIG_INVALID if there are more than were asked for
   */
  public List<Row> list(Caller caller, Wish wish) {
    if (wish.workspace().isPresent()) {
      guard.require(caller, wish.workspace().get(), Role.VIEWER);
    } else {
      guard.requireEverywhere(caller, Role.VIEWER);
    }
    write();
    List<Object> values = new ArrayList<>();
    values.add(wish.from().toEpochMilli() / HOUR * HOUR);
    values.add(wish.to().toEpochMilli());
    String whose = "";
    if (wish.workspace().isPresent()) {
      whose = " AND workspace = ?";
      values.add(wish.workspace().get());
    } else if (!caller.sees("*")) {
      List<String> seen = caller.workspaces().stream().sorted().toList();
      whose = " AND workspace IN (" + "?, ".repeat(seen.size() - 1) + "?)";
      values.addAll(seen);
    }
    values.add(wish.most() + 1);
    String sql =
        "SELECT hour, workspace, model, version, origin, SUM(calls), SUM(failed), SUM(rejected),"
            + " SUM(rows), SUM(compute_nanos), SUM(bytes_in), SUM(bytes_out)"
            + " FROM (SELECT * FROM usage UNION ALL SELECT * FROM usage_open)"
            + " WHERE hour >= ? AND hour < ?"
            + whose
            + " GROUP BY hour, workspace, model, version, origin"
            + " ORDER BY hour, workspace, model, version, origin LIMIT ?";
    List<Row> found = store.transaction(rows -> rows.read(sql, Usage::row, values.toArray()));
    if (found.size() > wish.most()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "from, to: there are more than %d rows in this time; ask for less of it, or for one workspace"
              .formatted(wish.most()));
    }
    return found;
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        Instant.ofEpochMilli(row.getLong(1)),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        row.getLong(10),
        row.getLong(11),
        row.getLong(12));
  }

  /** Writes for the last time. */
  synchronized void close() {
    closing.countDown();
    try {
      write();
    } finally {
      closed = true;
    }
  }
}
