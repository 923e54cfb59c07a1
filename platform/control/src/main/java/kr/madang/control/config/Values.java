package kr.madang.control.config;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Type;
import kr.madang.sdk.config.Range;
import org.jspecify.annotations.Nullable;

/** Turns scalars into values; null means that the text is not what was expected. */
final class Values {
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9][0-9_]*");
  private static final Pattern HEX = Pattern.compile("([-+]?)0[xX]([0-9a-fA-F]{1,16})");
  private static final Pattern EXPONENT =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)[eE][-+]?[0-9]{1,4}");
  private static final Pattern BYTES =
      Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?) ?(B|kB|KB|KiB|MB|MiB|GB|GiB|TB|TiB)");
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)(ns|us|µs|ms|s|min|m|h|d)");

  private Values() {}

  static @Nullable Long integer(Scalar scalar) {
    String text = scalar.text();
    try {
      Matcher hex = HEX.matcher(text);
      if (hex.matches()) {
        return Long.parseLong(hex.group(1) + hex.group(2), 16);
      }
      if (scalar.type() == Type.NUMBER && INTEGER.matcher(text).matches()) {
        return Long.parseLong(text.replace("_", ""));
      }
    } catch (NumberFormatException e) {
      return null;
    }
    return null;
  }

  static @Nullable Double number(Scalar scalar) {
    String text = scalar.text();
    Long integer = integer(scalar);
    if (integer != null) {
      return integer.doubleValue();
    }
    if (scalar.type() != Type.NUMBER && !EXPONENT.matcher(text).matches()) {
      return null;
    }
    try {
      double value = Double.parseDouble(text.replace("_", ""));
      return Double.isFinite(value) ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static @Nullable Long bytes(Scalar scalar) {
    Long plain = integer(scalar);
    if (plain != null) {
      return plain;
    }
    Matcher matcher = BYTES.matcher(scalar.text());
    if (!matcher.matches()) {
      return null;
    }
    long factor =
        switch (matcher.group(2)) {
          case "B" -> 1L;
          case "kB", "KB" -> 1_000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          case "TB" -> 1_000_000_000_000L;
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1L << 40;
        };
    try {
      return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  static @Nullable Boolean truth(Scalar scalar) {
    if (scalar.type() != Type.BOOLEAN) {
      return null;
    }
    return scalar.text().equalsIgnoreCase("true");
  }

  static @Nullable Duration duration(Scalar scalar) {
    String text = scalar.text();
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    try {
      if (text.startsWith("P")) {
        return Duration.parse(text);
      }
      Matcher part = DURATION_PART.matcher(text);
      BigDecimal nanos = BigDecimal.ZERO;
      int at = 0;
      while (at < text.length()) {
        if (!part.find(at) || part.start() != at) {
          return null;
        }
        nanos =
            nanos.add(
                new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanos(part.group(2)))));
        at = part.end();
      }
      BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
      Duration duration = Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
      duration.toMillis();
      return text.isEmpty() ? null : duration;
    } catch (ArithmeticException | DateTimeException e) {
      return null;
    }
  }

  private static long nanos(String unit) {
    return switch (unit) {
      case "ns" -> 1L;
      case "us", "µs" -> 1_000L;
      case "ms" -> 1_000_000L;
      case "s" -> 1_000_000_000L;
      case "m", "min" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      default -> 86_400_000_000_000L;
    };
  }

  static @Nullable Path path(Scalar scalar, Path base) {
    if (scalar.text().isEmpty()) {
      return null;
    }
    try {
      return base.resolve(scalar.text()).normalize();
    } catch (InvalidPathException e) {
      return null;
    }
  }

  static @Nullable URI uri(Scalar scalar) {
    try {
      return new URI(scalar.text());
    } catch (URISyntaxException e) {
      return null;
    }
  }

  static @Nullable ZoneId zone(Scalar scalar) {
    try {
      return ZoneId.of(scalar.text());
    } catch (DateTimeException e) {
      return null;
    }
  }

  static @Nullable Instant instant(Scalar scalar) {
    try {
      return Instant.parse(scalar.text());
    } catch (DateTimeException e) {
      return null;
    }
  }

  static @Nullable Object constant(Scalar scalar, Class<?> type) {
    String wanted = plain(scalar.text());
    for (Object constant : type.getEnumConstants()) {
      if (plain(((Enum<?>) constant).name()).equals(wanted)) {
        return constant;
      }
    }
    return null;
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** {@code MARK_UNCERTAIN} → {@code markUncertain}. */
  static String spelt(Enum<?> constant) {
    StringBuilder name = new StringBuilder();
    boolean upper = false;
    for (char c : constant.name().toCharArray()) {
      if (c == '_') {
        upper = true;
      } else {
        name.append(upper ? Character.toUpperCase(c) : Character.toLowerCase(c));
        upper = false;
      }
    }
    return name.toString();
  }

  static String choices(Class<?> type) {
    StringJoiner names = new StringJoiner(", ");
    for (Object constant : type.getEnumConstants()) {
      names.add(spelt((Enum<?>) constant));
    }
    return "one of " + names;
  }

  /** {@code from 1 to 65535}, with a blank before; empty without a range. */
  static String bounds(@Nullable Range range) {
    if (range == null) {
      return "";
    }
    boolean low = range.min() != Double.NEGATIVE_INFINITY;
    boolean high = range.max() != Double.POSITIVE_INFINITY;
    if (low && high) {
      return " from " + plain(range.min()) + " to " + plain(range.max());
    }
    return low ? " of at least " + plain(range.min()) : " of at most " + plain(range.max());
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
