package kr.madang.plugins.mqtt;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import kr.madang.sdk.batch.SampleWriter;

/** How a time is written. */
enum Times {
  /** A text is RFC 3339; a number is of the unit that puts it nearest to our days. */
  AUTO,
  /** RFC 3339, with a zone. */
  ISO,
  /** Seconds since 1970, with a fraction if there is one. */
  S,
  /** Milliseconds since 1970. */
  MS,
  /** Microseconds since 1970. */
  US,
  /** Nanoseconds since 1970. */
  NS;

  private static final long S_BELOW = 100_000_000_000L;
  private static final long MS_BELOW = 100_000_000_000_000L;
  private static final long US_BELOW = 100_000_000_000_000_000L;

  /** The time in ns, or {@link SampleWriter#NO_TIME} if it cannot be told so. */
  long of(long number) throws Misfit {
    long factor =
        switch (this) {
          case S -> 1_000_000_000L;
          case MS -> 1_000_000L;
          case US -> 1_000L;
          case NS -> 1L;
          case AUTO -> nearest(number);
          case ISO -> throw new Misfit("time", "an RFC 3339 text", String.valueOf(number));
        };
    return scaled(number, factor);
  }

  /** The same of a number with a fraction. */
  long of(double number) throws Misfit {
    if (!Double.isFinite(number)) {
      return SampleWriter.NO_TIME;
    }
    long whole = (long) Math.floor(number);
    long factor =
        switch (this) {
          case S -> 1_000_000_000L;
          case MS -> 1_000_000L;
          case US -> 1_000L;
          case NS -> 1L;
          case AUTO -> nearest(whole);
          case ISO -> throw new Misfit("time", "an RFC 3339 text", String.valueOf(number));
        };
    long nanos = scaled(whole, factor);
    return nanos == SampleWriter.NO_TIME ? nanos : nanos + (long) ((number - whole) * factor);
  }

  /** The same of a text. */
  long of(String text) throws Misfit {
    if (this != ISO && !text.isEmpty() && digits(text)) {
      try {
        return of(Long.parseLong(text));
      } catch (NumberFormatException _) {
        return SampleWriter.NO_TIME;
      }
    }
    try {
      return nanos(
          text.endsWith("Z")
              ? Instant.parse(text)
              : OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant());
    } catch (DateTimeException _) {
      throw new Misfit(
          "time", "RFC 3339 with a zone such as 2026-01-31T08:00:00Z", Shown.text(text));
    }
  }

  /** An instant in ns, or {@link SampleWriter#NO_TIME} outside of int64. */
  static long nanos(Instant instant) {
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    } catch (ArithmeticException _) {
      return SampleWriter.NO_TIME;
    }
  }

  /** Milliseconds in ns, or {@link SampleWriter#NO_TIME} outside of int64. */
  static long millis(long millis) {
    return scaled(millis, 1_000_000L);
  }

  private static long scaled(long number, long factor) {
    long high = Math.multiplyHigh(number, factor);
    long low = number * factor;
    return (high == 0 && low >= 0) || (high == -1 && low < 0) ? low : SampleWriter.NO_TIME;
  }

  private static long nearest(long number) {
    long size = Math.abs(number);
    if (size < S_BELOW) {
      return 1_000_000_000L;
    }
    if (size < MS_BELOW) {
      return 1_000_000L;
    }
    return size < US_BELOW ? 1_000L : 1L;
  }

  private static boolean digits(String text) {
    int from = text.charAt(0) == '-' ? 1 : 0;
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return text.length() > from;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
