package kr.madang.plugins.mqtt;

import java.util.Locale;
import kr.madang.sdk.batch.Quality;

/** How the status of a value is written. */
enum Statuses {
  /** OPC UA: a number, {@code 0x…} or a name such as Good. */
  OPCUA,
  /** OPC DA and Sparkplug B: 0–63 bad, 64–127 uncertain, 192–255 good, 500 stale. */
  OPCDA;

  /** The status that a number says. */
  int of(long code) throws Misfit {
    if (this == OPCUA) {
      if (code < 0 || code > 0xFFFF_FFFFL) {
        throw new Misfit("status", "an OPC UA status code", String.valueOf(code));
      }
      return (int) code;
    }
    if (code < 0) {
      throw new Misfit("status", "an OPC DA quality", String.valueOf(code));
    }
    if (code == 500) {
      return Quality.UNCERTAIN_LAST_USABLE_VALUE;
    }
    if (code < 64) {
      return Quality.BAD;
    }
    return code < 192 || code > 255 ? Quality.UNCERTAIN : Quality.GOOD;
  }

  /** The status that a text says. */
  int of(String text) throws Misfit {
    String plain = text.strip().toLowerCase(Locale.ROOT);
    try {
      if (plain.startsWith("0x")) {
        return of(Long.parseLong(plain.substring(2), 16));
      }
      if (!plain.isEmpty() && Character.isDigit(plain.charAt(0))) {
        return of(Long.parseLong(plain));
      }
    } catch (NumberFormatException _) {
      throw new Misfit("status", "a status code", Shown.text(text));
    }
    return switch (plain) {
      case "good", "ok" -> Quality.GOOD;
      case "uncertain" -> Quality.UNCERTAIN;
      case "bad" -> Quality.BAD;
      default -> named(plain, text);
    };
  }

  private static int named(String plain, String text) throws Misfit {
    for (int status : NAMED) {
      if (Quality.name(status).toLowerCase(Locale.ROOT).equals(plain)) {
        return status;
      }
    }
    throw new Misfit("status", "Good, Uncertain, Bad or a name of OPC UA", Shown.text(text));
  }

  private static final int[] NAMED = {
    Quality.UNCERTAIN_LAST_USABLE_VALUE,
    Quality.UNCERTAIN_SUBSTITUTE_VALUE,
    Quality.UNCERTAIN_SUB_NORMAL,
    Quality.BAD_TIMEOUT,
    Quality.BAD_NO_COMMUNICATION,
    Quality.BAD_WAITING_FOR_INITIAL_DATA,
    Quality.BAD_NODE_ID_UNKNOWN,
    Quality.BAD_OUT_OF_RANGE,
    Quality.BAD_TYPE_MISMATCH,
    Quality.BAD_CONFIGURATION_ERROR,
    Quality.BAD_NOT_CONNECTED,
    Quality.BAD_DEVICE_FAILURE,
    Quality.BAD_SENSOR_FAILURE,
    Quality.BAD_OUT_OF_SERVICE,
    Quality.BAD_NO_DATA,
    Quality.BAD_DATA_LOST
  };
}
