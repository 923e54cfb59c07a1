package kr.madang.gateway.trace;

import java.util.List;
import java.util.regex.Pattern;
import kr.madang.control.config.Nearest;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** What somebody has set, of all models or of one; null where nobody has. Counters live here. */
record Own(@Nullable Boolean on, @Nullable Pace pace, @Nullable Quota quota) {
  static final Own NONE = new Own(null, null, null);

  static final String LEVEL = "trace_level";
  static final String RATE = "trace_rate";
  static final String COUNT = "trace_count";
  static final String FILE = "trace_file";
  static final String FREQUENCY = "log_frequency";
  static final String MODE = "trace_mode";
  static final String OFF = "OFF";
  static final String TIMESTAMPS = "TIMESTAMPS";

  private static final List<String> KEYS = List.of(LEVEL, RATE, COUNT, FILE, FREQUENCY, MODE);
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,10}");
  private static final int LONGEST = 100;

  /**
   * With one setting changed.
   *
   * @param values one; none to have it as nobody has set it
   * @param collector whether there is one for spans
   * @throws PluginException CONFIG_INVALID naming the key, what is expected and what came
   */
  Own with(String key, List<String> values, boolean collector) {
    if (!KEYS.contains(key)) {
      throw refused(shortened(key) + ": there is no such setting; " + Nearest.hint(key, KEYS));
    }
    if (values.size() > 1) {
      throw refused(
          "%s: expected one value, got %s".formatted(key, shortened(String.join(", ", values))));
    }
    String value = values.isEmpty() ? null : values.getFirst();
    return switch (key) {
      case LEVEL -> new Own(value == null ? null : level(value, collector), pace, quota);
      case RATE -> new Own(on, value == null ? null : Pace.every(whole(key, value, 0)), quota);
      case COUNT -> new Own(on, pace, value == null ? null : new Quota(whole(key, value, -1)));
      case FILE -> fixed(key, value, "", "spans go to the collector of telemetry");
      case FREQUENCY -> fixed(key, value, "0", "spans go out as they come");
      default -> fixed(key, value, "opentelemetry", "there is no other");
    };
  }

  private static boolean level(String value, boolean collector) {
    return switch (value) {
      case OFF -> false;
      case TIMESTAMPS -> {
        if (!collector) {
          throw refused(
              "trace_level: expected OFF, got 'TIMESTAMPS', for which there is no collector; set"
                  + " telemetry: { otlp: \"http://HOST:4318\" } in madang.yaml, or"
                  + " MADANG_TELEMETRY_OTLP, and start again");
        }
        yield true;
      }
      case "TENSORS" ->
          throw refused(
              "trace_level: expected OFF or TIMESTAMPS, got 'TENSORS', which is not offered: the"
                  + " values of a factory do not leave the process in spans");
      default ->
          throw refused(
              "trace_level: expected OFF or TIMESTAMPS, got '%s'".formatted(shortened(value)));
    };
  }

  private static long whole(String key, String value, int least) {
    long number = WHOLE.matcher(value).matches() ? Long.parseLong(value) : Long.MIN_VALUE;
    if (number < least || number > Integer.MAX_VALUE) {
      throw refused(
          "%s: expected a whole number from %d to %d, got '%s'"
              .formatted(key, least, Integer.MAX_VALUE, shortened(value)));
    }
    return number;
  }

  private Own fixed(String key, @Nullable String value, String only, String why) {
    if (value != null && !value.equals(only)) {
      throw refused("%s: expected '%s' (%s), got '%s'".formatted(key, only, why, shortened(value)));
    }
    return this;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static PluginException refused(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }
}
