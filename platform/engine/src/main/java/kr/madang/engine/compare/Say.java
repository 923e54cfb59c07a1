package kr.madang.engine.compare;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and times as people read them. */
final class Say {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
  private static final int DIGITS = 4;

  private Say() {}

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A count with its noun. */
  static String count(long count, String one, String many) {
    return count(count) + " " + (count == 1 ? one : many);
  }

  /** A number with four digits or all digits before the point; "–" for none. */
  static String number(@Nullable Double value) {
    if (value == null) {
      return "–";
    }
    double size = Math.abs(value);
    if (size == 0 || !Double.isFinite(value)) {
      return size == 0 ? "0" : String.valueOf(value);
    }
    if (size >= 1e7 || size < 1e-4) {
      BigDecimal rounded = new BigDecimal(value).round(new MathContext(3));
      int exponent = rounded.precision() - rounded.scale() - 1;
      String digits = rounded.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString();
      return minus(digits) + "e" + minus(Integer.toString(exponent));
    }
    int digits = Math.max(DIGITS, (int) Math.floor(Math.log10(size)) + 1);
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
    return minus(String.format(Locale.ROOT, "%,." + Math.max(0, rounded.scale()) + "f", rounded));
  }

  /** A correlation; only a perfect one is 1. */
  static String correlation(@Nullable Double value) {
    return value != null && value < 1 && value > 0.99995 ? "> 0.9999" : number(value);
  }

  /** A distance of distributions, of which less than a thousandth says nothing. */
  static String shift(@Nullable Double value) {
    return value != null && value > 0 && value < 0.001 ? "< 0.001" : number(value);
  }

  /** A number with its sign. */
  static String signed(@Nullable Double value) {
    return (value != null && value > 0 ? "+" : "") + number(value);
  }

  private static String minus(String text) {
    return text.replace('-', '−');
  }

  /** A share in percent; only all is 100 %, only nothing is 0 %. */
  static String percent(@Nullable Double share) {
    if (share == null) {
      return "–";
    }
    double percent = 100 * share;
    if (percent > 0 && percent < 0.001) {
      return "< 0.001 %";
    }
    if (percent > 99.999 && percent < 100) {
      return "> 99.999 %";
    }
    int decimals = percent == 0 || percent == 100 ? 0 : 1;
    BigDecimal rounded;
    do {
      rounded = new BigDecimal(percent).setScale(decimals++, RoundingMode.HALF_UP);
    } while (decimals <= 3
        && (percent != 0 && rounded.signum() == 0
            || percent < 100 && rounded.compareTo(BigDecimal.valueOf(100)) >= 0));
    return String.format(Locale.ROOT, "%,.1f", rounded).endsWith(".0") && rounded.scale() <= 1
        ? String.format(Locale.ROOT, "%,.0f", rounded) + " %"
        : rounded.toPlainString() + " %";
  }

  /** A ratio such as 1.25 ×. */
  static String ratio(@Nullable Double ratio) {
    return ratio == null
        ? "–"
        : number(new BigDecimal(ratio).round(new MathContext(3)).doubleValue()) + " ×";
  }

  /** A duration in a fitting unit; "–" for none. */
  static String nanos(@Nullable Double nanos) {
    if (nanos == null) {
      return "–";
    }
    double size = Math.abs(nanos);
    String unit = "ns";
    double by = 1;
    if (size >= 1e9) {
      unit = "s";
      by = 1e9;
    } else if (size >= 1e6) {
      unit = "ms";
      by = 1e6;
    } else if (size >= 1e3) {
      unit = "µs";
      by = 1e3;
    }
    double rounded = new BigDecimal(nanos / by).round(new MathContext(3)).doubleValue();
    return number(rounded) + " " + unit;
  }

  static String date(Instant time) {
    return DATE.format(utc(time));
  }

  /** Hours to seconds, and what is left behind the point. */
  static String time(Instant time) {
    String fraction = BigDecimal.valueOf(time.getNano(), 9).stripTrailingZeros().toPlainString();
    return TIME.format(utc(time)) + (time.getNano() == 0 ? "" : fraction.substring(1));
  }

  /** Date and time in UTC; "no time" for none. */
  static String moment(@Nullable Instant time) {
    return time == null ? "no time" : date(time) + " " + time(time);
  }

  /** A span such as "1 h 0 min". */
  static String span(Duration span) {
    if (span.compareTo(Duration.ofMinutes(1)) < 0) {
      return nanos((double) span.toNanos());
    }
    if (span.compareTo(Duration.ofHours(1)) < 0) {
      return span.toMinutes() + " min " + span.toSecondsPart() + " s";
    }
    if (span.compareTo(Duration.ofDays(2)) < 0) {
      return span.toHours() + " h " + span.toMinutesPart() + " min";
    }
    return span.toDays() + " d " + span.toHoursPart() + " h";
  }

  private static LocalDateTime utc(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC);
  }
}
