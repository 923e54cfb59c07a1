package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.SourceContext;
import org.jspecify.annotations.Nullable;

/** Reads a table page by page; one statement at a time, in auto-commit, nothing left open. */
final class TableSource implements LogSource {
  private static final Poll IDLE = new Poll.Idle();

  private final Connection connection;
  private final SourceConfig config;
  private final Query query;
  private final Mapping mapping;
  private final SourceContext context;
  private final String target;
  private final long lag;
  private final Horizon horizon;
  private @Nullable Bookmark bookmark;
  private boolean announce;
  private long due = System.nanoTime();

  /** The page as it was prepared, and the form of the bookmark that it was prepared for. */
  private @Nullable PreparedStatement page;

  private int form = -1;

  /**
   * A source over an open connection, which it closes.
   *
   * @param announce whether the bookmark is a position that nobody knows yet
   */
  TableSource(
      Connection connection,
      SourceConfig config,
      Query query,
      Mapping mapping,
      SourceContext context,
      @Nullable Bookmark bookmark,
      boolean announce) {
    this.connection = connection;
    this.config = config;
    this.query = query;
    this.mapping = mapping;
    this.context = context;
    this.target = config.server().target() + ", " + config.what();
    this.lag = config.watermark().lag().toNanos();
    this.horizon = new Horizon(lag);
    this.bookmark = bookmark;
    this.announce = announce;
  }

  @Override
  public Poll poll(Duration atMost) throws Exception {
    Bookmark begun = bookmark;
    if (announce && begun != null) {
      announce = false; // A restart before the first row must begin at the same place.
      return new Poll.Rows(mapping.take(), begun.position());
    }
    long wait = due - System.nanoTime();
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(Math.min(wait, atMost.toNanos()));
      if (due - System.nanoTime() > 0) {
        return IDLE;
      }
    }
    try {
      return look();
    } catch (SQLException e) {
      PluginException failure = Failures.running(target, e);
      throw failure.code().equals(ErrorCode.TIMEOUT)
          ? new PluginException(
              ErrorCode.TIMEOUT,
              failure.getMessage() + "; is there an index that begins with " + query.order() + "?",
              e)
          : failure;
    }
  }

  private Poll look() throws SQLException {
    long now = System.nanoTime();
    String upTo = null;
    if (lag > 0) {
      horizon.look(now, query.greatest(connection));
      upTo = horizon.reached();
      if (upTo == null) {
        return rest(now, horizon.rested(now));
      }
    }
    int fetched = fetch(upTo);
    if (fetched == 0) {
      return rest(now, lag == 0 || horizon.rested(now));
    }
    if (fetched < config.batch()) {
      due = now + config.every().toNanos();
    }
    Bookmark reached = bookmark;
    if (reached == null) {
      throw new IllegalStateException("rows without a watermark");
    }
    return new Poll.Rows(mapping.take(), reached.position());
  }

  private Poll rest(long now, boolean atEnd) {
    if (!config.follow() && atEnd) {
      return new Poll.Done();
    }
    long pause = config.every().toNanos();
    if (lag > 0 && !horizon.rested(now)) {
      pause = Math.min(pause, Math.max(1_000_000, lag / 8));
    }
    due = now + pause;
    return IDLE;
  }

  private int fetch(@Nullable String upTo) throws SQLException {
    Instant now = context.clock().instant();
    mapping.receivedAt(now.getEpochSecond() * 1_000_000_000 + now.getNano());
    PreparedStatement statement = prepare(upTo);
    query.bind(statement, bookmark, upTo);
    int fetched = 0;
    try (ResultSet rows = statement.executeQuery()) {
      String watermark = null;
      String unique = null;
      while (rows.next()) {
        fetched++;
        watermark = rows.getString(query.watermarkAt);
        unique = query.uniqueAt == 0 ? null : rows.getString(query.uniqueAt);
        String why = mapping.map(rows);
        if (why != null) {
          String row =
              config.watermark().column()
                  + "="
                  + watermark
                  + (unique == null
                      ? ""
                      : ", " + config.watermark().unique().orElse("") + "=" + unique);
          context.reject(row, config.what() + ": " + why);
        }
      }
      if (watermark != null) {
        bookmark = new Bookmark(watermark, unique, false);
      }
    }
    return fetched;
  }

  private PreparedStatement prepare(@Nullable String upTo) throws SQLException {
    Bookmark after = bookmark;
    int wanted =
        (upTo == null ? 0 : 1)
            + (after == null ? 0 : after.inclusive() ? 2 : after.unique() == null ? 4 : 8);
    PreparedStatement prepared = page;
    if (prepared == null || form != wanted) {
      if (prepared != null) {
        prepared.close();
      }
      prepared = query.page(connection, after, upTo != null);
      page = prepared;
      form = wanted;
    }
    return prepared;
  }

  @Override
  public void close() {
    mapping.close();
    Drivers.close(connection);
  }
}
