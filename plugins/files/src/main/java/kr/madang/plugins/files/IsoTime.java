package kr.madang.plugins.files;

import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code 2026-03-09T10:14:33.123456789+09:00}, also with a space for the T, a comma for the point,
 * without seconds, fraction or time of day, and with Z, +09:00, +0900, +09 or no zone.
 */
final class IsoTime extends TimeParser {
  private static final String EXPECTED = "an ISO 8601 time such as 2026-03-09T10:14:33.5+09:00";
  private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private final @Nullable ZoneOffsets zone;
  private char[] text = new char[0];
  private int at;
  private int end;

  IsoTime(Optional<ZoneId> zone) {
    this.zone = zone.map(ZoneOffsets::new).orElse(null);
  }

  @Override
  long parse(char[] text, int from, int length) {
    this.text = text;
    at = from;
    end = from + length;
    int year = digits(4);
    int month = skip('-') ? digits(2) : -1;
    int day = skip('-') ? digits(2) : -1;
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days(year, month)) {
      return bad(EXPECTED);
    }
    long second = epochDay(year, month, day) * 86_400;
    long nanos = 0;
    if (at < end && (skip('T') || skip('t') || skip(' '))) {
      int hour = digits(2);
      int minute = skip(':') ? digits(2) : -1;
      int seconds = skip(':') ? digits(2) : 0;
      if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || seconds < 0 || seconds > 59) {
        return bad(EXPECTED);
      }
      second += hour * 3600L + minute * 60L + seconds;
      if (skip('.') || skip(',')) {
        nanos = fraction();
        if (nanos < 0) {
          return bad(EXPECTED);
        }
      }
    }
    skip(' ');
    if (at == end) {
      ZoneOffsets known = zone;
      return known == null ? bad(NO_ZONE) : join(second - known.at(second), nanos);
    }
    return zoned(second, nanos);
  }

  private long zoned(long second, long nanos) {
    if (skip('Z') || skip('z')) {
      return at == end ? join(second, nanos) : bad(EXPECTED);
    }
    boolean west = skip('-');
    if (!west && !skip('+')) {
      return bad(EXPECTED);
    }
    int hours = digits(2);
    int minutes = 0;
    if (at < end) {
      skip(':');
      minutes = digits(2);
    }
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59 || at != end) {
      return bad(EXPECTED);
    }
    int offset = hours * 3600 + minutes * 60;
    return join(west ? second + offset : second - offset, nanos);
  }

  private boolean skip(char expected) {
    if (at < end && text[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  private int digits(int count) {
    if (end - at < count) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
      int digit = text[at++] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private long fraction() {
    long value = 0;
    int count = 0;
    for (; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
      if (count < 9) {
        value = value * 10 + (text[at] - '0');
        count++;
      }
    }
    if (count == 0) {
      return -1;
    }
    for (; count < 9; count++) {
      value *= 10;
    }
    return value;
  }

  private static int days(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS[month - 1];
  }

  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(y, 400);
    int ofEra = y - era * 400;
    int ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146_097L + ofEra * 365L + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
  }
}
