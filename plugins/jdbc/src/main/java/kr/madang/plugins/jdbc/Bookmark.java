package kr.madang.plugins.jdbc;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import org.jspecify.annotations.Nullable;

/**
 * Where to go on reading.
 *
 * @param watermark as the database writes it
 * @param unique that of the last row read; null where the watermark alone decides
 * @param inclusive whether rows of this very watermark are still to be read
 */
record Bookmark(String watermark, @Nullable String unique, boolean inclusive) {
  private static final String VERSION = "1";
  private static final int LONGEST = 4096;

  static Bookmark of(Position position, boolean tieBreaker) {
    String[] parts = position.value().split("\\|", -1);
    if (parts.length != 4 || !parts[0].equals(VERSION)) {
      throw misfit(position, "one of this source");
    }
    boolean inclusive = parts[1].equals("from");
    boolean unique = parts[1].equals("row");
    if (!inclusive && unique != tieBreaker && !parts[1].equals("after")) {
      throw misfit(position, "one made " + (tieBreaker ? "with" : "without") + " watermark.unique");
    }
    return new Bookmark(decode(parts[2]), unique ? decode(parts[3]) : null, inclusive);
  }

  private static PluginException misfit(Position position, String expected) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "position: expected "
            + expected
            + ", got '"
            + position.value()
            + "'; start the pipeline without it, with watermark.from where it is to go on");
  }

  Position position() {
    String text =
        String.join(
            "|",
            VERSION,
            inclusive ? "from" : unique == null ? "after" : "row",
            encode(watermark),
            encode(unique == null ? "" : unique));
    if (text.length() > LONGEST) {
      throw new PluginException(
          ErrorCode.BAD_DATA,
          "watermark: expected values that take less than 4096 characters, got "
              + text.length()
              + "; choose other columns");
    }
    return new Position(text);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
