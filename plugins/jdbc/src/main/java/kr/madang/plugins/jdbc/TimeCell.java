package kr.madang.plugins.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import kr.madang.plugins.jdbc.ColumnType.Category;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** Reads the time of the row at hand as ns since 1970 UTC. */
final class TimeCell {
  private static final long SECOND = 1_000_000_000;

  private final Category category;
  private final boolean textual;
  private final int column;
  private final long unit;
  private final boolean shift;
  private final ZoneId zone;
  private final @Nullable ZoneOffset fixed;

  /** Whether the last row had a time that ns cannot hold, or what is no time. */
  boolean strange;

  TimeCell(Kind kind, ColumnType type, SourceConfig.Time config, int column) {
    this.category = type.category();
    this.textual = kind == Kind.SQLITE || category == Category.TEXT;
    this.column = column;
    this.unit = config.unit().nanos;
    this.shift = !type.zoned();
    this.zone = config.zone();
    this.fixed = zone.getRules().isFixedOffset() ? zone.getRules().getOffset(Instant.EPOCH) : null;
  }

  /** The time of the row at hand, or {@link SampleWriter#NO_TIME}. */
  long read(ResultSet row) throws SQLException {
    strange = false;
    try {
      if (category == Category.INTEGER) {
        long count = row.getLong(column);
        return row.wasNull() ? SampleWriter.NO_TIME : Math.multiplyExact(count, unit);
      }
      if (textual) {
        String text = row.getString(column);
        return text == null ? SampleWriter.NO_TIME : parse(text.strip());
      }
      long micros = row.getLong(column);
      if (row.wasNull()) {
        return SampleWriter.NO_TIME;
      }
      if (micros == Long.MIN_VALUE) {
        strange = true;
        return SampleWriter.NO_TIME;
      }
      return shift ? inZone(micros) : Math.multiplyExact(micros, 1000);
    } catch (ArithmeticException | DateTimeException _) {
      strange = true;
      return SampleWriter.NO_TIME;
    }
  }

  private long inZone(long micros) {
    long seconds = Math.floorDiv(micros, 1_000_000);
    ZoneOffset offset = fixed;
    if (offset == null) {
      offset = zone.getRules().getOffset(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC));
    }
    return Math.multiplyExact(micros - offset.getTotalSeconds() * 1_000_000L, 1000);
  }

  private long parse(String text) {
    String iso = text.length() > 10 && text.charAt(10) == ' ' ? text.replace(' ', 'T') : text;
    if (iso.length() == 10) {
      return nanos(LocalDate.parse(iso).atStartOfDay(zone).toInstant());
    }
    int tail = Math.max(iso.indexOf('+', 10), Math.max(iso.indexOf('-', 10), iso.indexOf('Z', 10)));
    return nanos(
        tail < 0
            ? LocalDateTime.parse(iso).atZone(zone).toInstant()
            : OffsetDateTime.parse(iso).toInstant());
  }

  private static long nanos(Instant instant) {
    return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), SECOND), instant.getNano());
  }
}
