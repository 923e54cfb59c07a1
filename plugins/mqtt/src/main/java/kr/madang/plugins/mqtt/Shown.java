package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** How content from outside is shown in a reason: short and without control characters. */
final class Shown {
  private static final int TEXT = 60;
  private static final int PAYLOAD = 1_000;

  private Shown() {}

  static String text(String text) {
    String shown = text.length() > TEXT ? text.substring(0, TEXT) + "…" : text;
    return "'" + shown.replaceAll("\\p{Cntrl}", "�") + "'";
  }

  /** A payload as text if it is one, else as hex. */
  static String payload(byte[] payload) {
    int length = Math.min(payload.length, PAYLOAD);
    boolean printable = true;
    for (int i = 0; i < length && printable; i++) {
      printable = payload[i] >= 32 || payload[i] < 0 || Character.isWhitespace(payload[i]);
    }
    String shown =
        printable
            ? new String(payload, 0, length, StandardCharsets.UTF_8)
            : "0x" + HexFormat.of().formatHex(payload, 0, Math.min(length, 256));
    return shown + (payload.length > length ? "…" : "");
  }
}
