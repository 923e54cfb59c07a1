package kr.madang.control.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import kr.madang.control.config.Node.Scalar;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.config.Unit;
import org.jspecify.annotations.Nullable;

/** The types of single values that a config may declare. */
final class Scalars {
  private Scalars() {}

  static boolean binds(Class<?> type) {
    return type.isEnum()
        || type == String.class
        || isInteger(type)
        || isReal(type)
        || type == boolean.class
        || type == Boolean.class
        || type == Duration.class
        || type == Path.class
        || type == URI.class
        || type == ZoneId.class
        || type == Instant.class
        || type == Secret.class;
  }

  private static boolean isInteger(Class<?> type) {
    return type == int.class
        || type == Integer.class
        || type == long.class
        || type == Long.class
        || type == short.class
        || type == Short.class;
  }

  private static boolean isReal(Class<?> type) {
    return type == double.class
        || type == Double.class
        || type == float.class
        || type == Float.class;
  }

  private static boolean isBytes(Class<?> type, @Nullable Unit unit) {
    return isInteger(type) && unit != null && unit.value().equals("By");
  }

  static @Nullable Object of(Class<?> type, Scalar scalar, @Nullable Unit unit, Path base) {
    if (type == String.class) {
      return scalar.text();
    }
    if (type.isEnum()) {
      return Values.constant(scalar, type);
    }
    if (isInteger(type)) {
      return narrow(type, isBytes(type, unit) ? Values.bytes(scalar) : Values.integer(scalar));
    }
    if (isReal(type)) {
      return real(type, Values.number(scalar));
    }
    if (type == Duration.class) {
      return Values.duration(scalar);
    }
    if (type == Path.class) {
      return Values.path(scalar, base);
    }
    if (type == URI.class) {
      return Values.uri(scalar);
    }
    if (type == ZoneId.class) {
      return Values.zone(scalar);
    }
    return type == Instant.class ? Values.instant(scalar) : Values.truth(scalar);
  }

  private static @Nullable Object real(Class<?> type, @Nullable Double value) {
    if (value == null || type == double.class || type == Double.class) {
      return value;
    }
    return value.floatValue();
  }

  private static @Nullable Object narrow(Class<?> type, @Nullable Long value) {
    if (value == null || type == long.class || type == Long.class) {
      return value;
    }
    if (type == int.class || type == Integer.class) {
      return value == value.intValue() ? (Object) value.intValue() : null;
    }
    return value == value.shortValue() ? (Object) value.shortValue() : null;
  }

  /** Whether a value lies in a range; a duration counts in seconds. */
  static boolean within(@Nullable Range range, Object value) {
    if (range == null) {
      return true;
    }
    double number;
    if (value instanceof Number known) {
      number = known.doubleValue();
    } else if (value instanceof Duration duration) {
      number = duration.getSeconds() + duration.getNano() / 1e9;
    } else {
      return true;
    }
    return number >= range.min() && number <= range.max();
  }

  static String expected(Class<?> type, @Nullable Range range, @Nullable Unit unit) {
    if (type.isEnum()) {
      return Values.choices(type);
    }
    if (isBytes(type, unit)) {
      return "a number of bytes such as 64KiB or 256MiB" + Values.bounds(range);
    }
    if (isInteger(type)) {
      return "an integer" + Values.bounds(range);
    }
    if (isReal(type)) {
      return "a number" + Values.bounds(range);
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == Duration.class) {
      String bounds = Values.bounds(range);
      return "a time such as 100ms, 1s, 10m or 2h" + (bounds.isEmpty() ? "" : bounds + " s");
    }
    if (type == Path.class) {
      return "a path";
    }
    if (type == URI.class) {
      return "a URI";
    }
    if (type == ZoneId.class) {
      return "a time zone such as Asia/Seoul, +09:00 or UTC";
    }
    if (type == Instant.class) {
      return "an instant such as 2026-01-31T08:00:00Z";
    }
    return type == Secret.class ? "${secret:name}" : "a text";
  }
}
