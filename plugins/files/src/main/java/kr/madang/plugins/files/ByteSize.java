package kr.madang.plugins.files;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Sizes such as {@code 64MiB}. */
final class ByteSize {
  private static final Pattern PATTERN =
      Pattern.compile("(\\d{1,15})\\s*(b|kb|mb|gb|tb|kib|mib|gib|tib)?");

  private ByteSize() {}

  /** The number of bytes. */
  static long parse(String key, String text) {
    Matcher matcher = PATTERN.matcher(text.strip().toLowerCase(Locale.ROOT));
    long size = 0;
    if (matcher.matches()) {
      String unit = matcher.group(2) == null ? "b" : matcher.group(2);
      int power = "bkmgt".indexOf(unit.charAt(0));
      double bytes =
          Long.parseLong(matcher.group(1)) * Math.pow(unit.endsWith("ib") ? 1024 : 1000, power);
      size = bytes > Long.MAX_VALUE / 2.0 ? 0 : (long) bytes;
    }
    if (size <= 0) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          key + ": expected a size such as 64MiB, 500kB or 1000000, got '" + text + "'");
    }
    return size;
  }
}
