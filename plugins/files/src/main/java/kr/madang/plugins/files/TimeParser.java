package kr.madang.plugins.files;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Reads times of one format as ns since 1970 UTC. */
abstract sealed class TimeParser permits IsoTime, EpochTime, PatternTime {
  /** Stands for a time that cannot be read; {@link #problem} says why. */
  static final long BAD = Long.MIN_VALUE;

  static final long SECOND = 1_000_000_000L;
  static final String NO_ZONE = "a time with a zone (the config has no time.zone)";
  static final String RANGE = "a time between 1677-09-21 and 2262-04-11";

  private String problem = "";

  /** The time, or {@link #BAD}. */
  abstract long parse(char[] text, int from, int length);

  /** What was expected by the last call that gave {@link #BAD}. */
  String problem() {
    return problem;
  }

  long bad(String expected) {
    problem = expected;
    return BAD;
  }

  /** Joins seconds and nanoseconds; outside of int64 nanoseconds it is bad. */
  long join(long seconds, long nanos) {
    long limit = Long.MAX_VALUE / SECOND;
    return seconds >= limit || seconds <= -limit ? bad(RANGE) : seconds * SECOND + nanos;
  }

  static TimeParser of(String format, Optional<ZoneId> zone) {
    return switch (format) {
      case "iso" -> new IsoTime(zone);
      case "epoch-s" -> new EpochTime(SECOND);
      case "epoch-ms" -> new EpochTime(1_000_000);
      case "epoch-us" -> new EpochTime(1_000);
      case "epoch-ns" -> new EpochTime(1);
      default -> pattern(format, zone);
    };
  }

  private static TimeParser pattern(String format, Optional<ZoneId> zone) {
    try {
      return new PatternTime(
          new DateTimeFormatterBuilder()
              .parseCaseInsensitive()
              .appendPattern(format)
              .toFormatter(Locale.ENGLISH),
          format,
          zone);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "time.format: expected iso, epoch-s, epoch-ms, epoch-us, epoch-ns or a Java pattern such"
              + " as dd.MM.yyyy HH:mm:ss, got '"
              + format
              + "': "
              + e.getMessage(),
          e);
    }
  }
}
