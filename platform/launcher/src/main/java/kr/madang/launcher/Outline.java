package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** JSON as indented lines for people. */
final class Outline {
  /** Characters that stay on one line. */
  private static final int MOST = 72;

  private final StringBuilder text = new StringBuilder();

  private Outline() {}

  static String of(JsonNode json) {
    Outline outline = new Outline();
    outline.children(json, 0);
    return outline.text.toString();
  }

  private void children(JsonNode json, int depth) {
    if (json.isObject()) {
      json.properties().forEach(entry -> line(entry.getKey() + ":", entry.getValue(), depth));
    } else {
      json.forEach(item -> line("-", item, depth));
    }
  }

  private void line(String head, JsonNode value, int depth) {
    text.append("  ".repeat(depth)).append(head);
    if (flat(value) && (!value.isObject() || head.equals("-"))) {
      text.append(' ').append(inline(value)).append(System.lineSeparator());
    } else {
      text.append(System.lineSeparator());
      children(value, depth + 1);
    }
  }

  /** Short lists and objects of plain values stay on their line. */
  private static boolean flat(JsonNode value) {
    int length = 0;
    for (JsonNode item : value) {
      if (item.isObject() || item.isArray() && !flat(item)) {
        return false;
      }
      length += inline(item).length();
    }
    return length <= MOST;
  }

  private static String inline(JsonNode value) {
    if (value.isObject()) {
      return value.properties().stream()
          .map(entry -> entry.getKey() + " " + inline(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(Outline::inline)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return value.isNull() ? "-" : value.asText().replaceAll("\\s+", " ");
  }
}
