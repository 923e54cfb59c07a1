package kr.madang.plugins.files;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Optional;

/** A time written by a Java pattern. */
final class PatternTime extends TimeParser {
  private final DateTimeFormatter formatter;
  private final String pattern;
  private final Optional<ZoneId> zone;

  PatternTime(DateTimeFormatter formatter, String pattern, Optional<ZoneId> zone) {
    this.formatter = formatter;
    this.pattern = pattern;
    this.zone = zone;
  }

  @Override
  long parse(char[] text, int from, int length) {
    try {
      TemporalAccessor parsed = formatter.parse(new String(text, from, length));
      if (parsed.isSupported(ChronoField.INSTANT_SECONDS)) {
        return join(
            parsed.getLong(ChronoField.INSTANT_SECONDS), parsed.get(ChronoField.NANO_OF_SECOND));
      }
      LocalDate date = parsed.query(TemporalQueries.localDate());
      if (date == null) {
        return bad("a date in '" + pattern + "'");
      }
      LocalTime time = parsed.query(TemporalQueries.localTime());
      ZoneId own = parsed.query(TemporalQueries.zone());
      if (own == null && zone.isEmpty()) {
        return bad(NO_ZONE);
      }
      ZonedDateTime at =
          ZonedDateTime.of(
              date,
              time == null ? LocalTime.MIDNIGHT : time,
              own == null ? zone.orElseThrow() : own);
      return join(at.toEpochSecond(), at.getNano());
    } catch (DateTimeException e) {
      return bad("a time as '" + pattern + "'");
    }
  }
}
