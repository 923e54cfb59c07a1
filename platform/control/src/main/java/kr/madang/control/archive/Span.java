package kr.madang.control.archive;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * A part of a stream.
 *
 * @param fromRow the first row
 * @param untilRow the row after the last one
 * @param fromTime of the first record's append, nanoseconds since 1970
 * @param untilTime of an append, after the last one's
 */
public record Span(long fromRow, long untilRow, long fromTime, long untilTime) {
  /** All of it. */
  public static final Span ALL = new Span(0, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);

  /**
   * A part, each end of which is the number of a row or a time.
   *
   * @param from digits, or RFC 3339
   * @param until the same, and not part of it
   * @throws PluginException CONFIG_INVALID
   */
  public static Span of(Optional<String> from, Optional<String> until) {
    Span span = ALL;
    if (from.isPresent()) {
      span =
          isRow(from.get())
              ? new Span(row(from.get()), span.untilRow, span.fromTime, span.untilTime)
              : new Span(span.fromRow, span.untilRow, time(from.get()), span.untilTime);
    }
    if (until.isPresent()) {
      span =
          isRow(until.get())
              ? new Span(span.fromRow, row(until.get()), span.fromTime, span.untilTime)
              : new Span(span.fromRow, span.untilRow, span.fromTime, time(until.get()));
    }
    return span;
  }

  private static boolean isRow(String text) {
    return text.matches("[0-9]+");
  }

  private static long row(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw invalid(text, e);
    }
  }

  private static long time(String text) {
    try {
      Instant at = Instant.parse(text);
      return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    } catch (DateTimeException | ArithmeticException e) {
      throw invalid(text, e);
    }
  }

  private static PluginException invalid(String text, Exception e) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "expected the number of a row or a time such as 2026-11-23T08:00:00Z, got '" + text + "'",
        e);
  }

  boolean holds(long time) {
    return time >= fromTime && time < untilTime;
  }
}
