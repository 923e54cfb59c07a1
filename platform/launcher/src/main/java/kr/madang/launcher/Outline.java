package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;

/** JSON as indented lines for people. */
final class Outline {
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
    if (value.isContainerNode() && !flat(value)) {
      text.append(System.lineSeparator());
      children(value, depth + 1);
    } else {
      text.append(' ').append(value.isNull() ? "-" : inline(value)).append(System.lineSeparator());
    }
  }

  /** Short lists of plain values stay on their line. */
  private static boolean flat(JsonNode value) {
    if (value.isObject()) {
      return value.isEmpty();
    }
    for (JsonNode item : value) {
      if (item.isContainerNode() || item.asText().length() > 20) {
        return false;
      }
    }
    return true;
  }

  private static String inline(JsonNode value) {
    if (!value.isArray()) {
      return value.isObject() ? "-" : value.asText().replaceAll("\\s+", " ");
    }
    StringBuilder items = new StringBuilder("[");
    for (JsonNode item : value) {
      items.append(items.length() == 1 ? "" : ", ").append(item.asText());
    }
    return items.append(']').toString();
  }
}
