package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** Builds one JSON object after another in the same memory. One thread. */
final class JsonLines {
  private final StringBuilder out = new StringBuilder(256);
  private boolean first;

  JsonLines begin() {
    out.setLength(0);
    out.append('{');
    first = true;
    return this;
  }

  JsonLines open(String key) {
    key(key);
    out.append('{');
    first = true;
    return this;
  }

  JsonLines close() {
    out.append('}');
    first = false;
    return this;
  }

  JsonLines text(String key, String value) {
    key(key);
    quoted(value);
    return this;
  }

  JsonLines number(String key, double value) {
    key(key);
    if (!Double.isFinite(value)) {
      out.append("null");
    } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      out.append((long) value);
    } else {
      out.append(value);
    }
    return this;
  }

  JsonLines integer(String key, long value) {
    key(key);
    out.append(value);
    return this;
  }

  JsonLines missing(String key) {
    key(key);
    out.append("null");
    return this;
  }

  JsonLines bytes(String key, byte[] value) {
    return text(key, Base64.getEncoder().encodeToString(value));
  }

  JsonLines time(String key, long nanos) {
    return text(
        key,
        Instant.ofEpochSecond(
                Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L))
            .toString());
  }

  byte[] end() {
    out.append('}');
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void key(String key) {
    if (!first) {
      out.append(',');
    }
    first = false;
    quoted(key);
    out.append(':');
  }

  private void quoted(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 32) {
        out.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
