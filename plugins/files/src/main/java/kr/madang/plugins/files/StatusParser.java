package kr.madang.plugins.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import kr.madang.plugins.files.SourceConfig.Statuses;
import kr.madang.sdk.batch.Quality;

/** Reads what files say of the quality of a value. */
final class StatusParser {
  private static final Map<String, Integer> NAMES = names();
  private static final String EXPECTED =
      "an OPC UA status: a number, 0x and digits, Good, Uncertain, Bad or a name such as"
          + " Bad_SensorFailure";

  private final Statuses kind;

  StatusParser(Statuses kind) {
    this.kind = kind;
  }

  /** The status, or nothing if the text is none. */
  OptionalInt parse(String text) {
    Integer named = NAMES.get(text.toLowerCase(Locale.ROOT));
    if (named != null) {
      return OptionalInt.of(named);
    }
    try {
      return text.startsWith("0x") || text.startsWith("0X")
          ? OptionalInt.of(Integer.parseUnsignedInt(text.substring(2), 16))
          : of(decimal(text));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  private static long decimal(String text) {
    // pandas writes a column of integers with gaps as 0.0
    return Long.parseLong(text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
  }

  /** The status that a number stands for, or nothing if the number is out of range. */
  OptionalInt of(long code) {
    if (kind == Statuses.OPCUA) {
      return code < Integer.MIN_VALUE || code > 0xFFFF_FFFFL
          ? OptionalInt.empty()
          : OptionalInt.of((int) code);
    }
    if (code < 0 || code > 255) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(code >= 192 ? Quality.GOOD : code < 64 ? Quality.BAD : Quality.UNCERTAIN);
  }

  /** What is expected of a status, for messages. */
  String expected() {
    return kind == Statuses.OPCUA ? EXPECTED : "an OPC DA quality from 0 to 255";
  }

  private static Map<String, Integer> names() {
    Map<String, Integer> names = new HashMap<>();
    int[] known = {
      Quality.GOOD,
      Quality.UNCERTAIN,
      Quality.UNCERTAIN_LAST_USABLE_VALUE,
      Quality.UNCERTAIN_SUBSTITUTE_VALUE,
      Quality.UNCERTAIN_SUB_NORMAL,
      Quality.BAD,
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
    for (int status : known) {
      names.put(Quality.name(status).toLowerCase(Locale.ROOT), status);
    }
    return Map.copyOf(names);
  }
}
