package kr.madang.plugins.mqtt;

import java.time.Duration;

/** Checks of configs, worded alike. */
final class Checks {
  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);

  private Checks() {}

  static void that(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }

  static void qos(int qos) {
    that(qos >= 0 && qos <= 2, "qos", "0, 1 or 2", qos);
  }

  static void timeout(String field, Duration limit) {
    that(
        limit.toMillis() >= 1 && limit.compareTo(MAX_TIMEOUT) <= 0,
        field,
        "a time from 1 ms to 5 min",
        limit);
  }

  /** A topic that can be published to: no wildcard, no NUL, at most 65,535 bytes. */
  static boolean isTopic(String topic) {
    return !topic.isEmpty()
        && topic.indexOf('+') < 0
        && topic.indexOf('#') < 0
        && topic.indexOf('\0') < 0
        && topic.length() <= 21_845;
  }
}
