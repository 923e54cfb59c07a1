package kr.madang.plugins.kafka;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import kr.madang.plugins.kafka.SourceConfig.TimeFormat;
import kr.madang.sdk.batch.SampleWriter;

/** Reads times as ns since 1970. What is none, or does not fit, is {@link SampleWriter#NO_TIME}. */
final class Times {
  private static final long SECOND = 1_000_000_000;

  private final TimeFormat format;

  Times(TimeFormat format) {
    this.format = format;
  }

  long of(JsonValues values, int slot) {
    return switch (values.kinds[slot]) {
      case LONG -> of(values.longs[slot]);
      case DOUBLE -> fraction(values.numbers[slot]);
      case TEXT ->
          format == TimeFormat.AUTO || format == TimeFormat.ISO
              ? of(values.text(slot))
              : SampleWriter.NO_TIME;
      default -> SampleWriter.NO_TIME;
    };
  }

  private long of(long count) {
    try {
      return Math.multiplyExact(count, unit(Math.abs((double) count)));
    } catch (ArithmeticException e) {
      return SampleWriter.NO_TIME;
    }
  }

  private long fraction(double count) {
    double nanos = count * unit(Math.abs(count));
    return Math.abs(nanos) < 9.2e18 ? Math.round(nanos) : SampleWriter.NO_TIME;
  }

  private long unit(double count) {
    return switch (format) {
      case S -> SECOND;
      case MS -> 1_000_000;
      case US -> 1_000;
      case NS -> 1;
      case ISO -> Long.MAX_VALUE;
      case AUTO -> count < 1e11 ? SECOND : count < 1e14 ? 1_000_000 : count < 1e17 ? 1_000 : 1;
    };
  }

  private static long of(String text) {
    long quick = quick(text);
    if (quick != SampleWriter.NO_TIME) {
      return quick;
    }
    try {
      Instant instant = OffsetDateTime.parse(text.trim().replace(' ', 'T')).toInstant();
      return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), SECOND), instant.getNano());
    } catch (DateTimeException | ArithmeticException e) {
      return SampleWriter.NO_TIME;
    }
  }

  /** The usual form, {@code 2026-01-01T00:00:00.123456789Z}, without an object. */
  private static long quick(String text) {
    int length = text.length();
    if (length < 20
        || length > 30
        || text.charAt(length - 1) != 'Z'
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(10) != 'T'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || (length > 20 && text.charAt(19) != '.')) {
      return SampleWriter.NO_TIME;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    int fraction = length == 20 ? 0 : number(text, 20, length - 1);
    if (length == 21
        || (year | month | day | hour | minute | second | fraction) < 0
        || year < 1678
        || year > 2261
        || month < 1
        || month > 12
        || day < 1
        || day > 28 // The rest of the month goes the slow way, which knows the calendar.
        || hour > 23
        || minute > 59
        || second > 59) {
      return SampleWriter.NO_TIME;
    }
    for (int digits = length == 20 ? 9 : length - 21; digits < 9; digits++) {
      fraction *= 10;
    }
    // Days since 1970, by counting years from March.
    int y = month <= 2 ? year - 1 : year;
    int m = month <= 2 ? month + 9 : month - 3;
    long days = 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * SECOND + fraction;
  }

  private static int number(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
