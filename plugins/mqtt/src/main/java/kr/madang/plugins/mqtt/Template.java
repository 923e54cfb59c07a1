package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A text with placeholders in braces. */
final class Template {
  /**
   * A piece.
   *
   * @param text the text itself, or the name of the placeholder
   */
  record Part(boolean placeholder, String text) {}

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  static Template of(String field, String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        break;
      }
      int close = text.indexOf('}', open);
      Checks.that(close > open + 1, field, "a name and } after each {", "'" + text + "'");
      if (open > at) {
        parts.add(new Part(false, text.substring(at, open)));
      }
      parts.add(new Part(true, text.substring(open + 1, close)));
      at = close + 1;
    }
    if (at < text.length()) {
      parts.add(new Part(false, text.substring(at)));
    }
    return new Template(parts);
  }

  /** The names of the placeholders, in order. */
  List<String> placeholders() {
    return parts.stream().filter(Part::placeholder).map(Part::text).toList();
  }

  /** The same with those placeholders filled in that the function knows. */
  Template fill(Function<String, @Nullable String> known) {
    List<Part> filled = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      String value = part.placeholder() ? known.apply(part.text()) : part.text();
      if (value != null) {
        text.append(value);
      } else {
        if (!text.isEmpty()) {
          filled.add(new Part(false, text.toString()));
          text.setLength(0);
        }
        filled.add(part);
      }
    }
    if (!text.isEmpty()) {
      filled.add(new Part(false, text.toString()));
    }
    return new Template(filled);
  }

  /** The text if no placeholder is left, else null. */
  @Nullable String text() {
    if (parts.isEmpty()) {
      return "";
    }
    return parts.size() == 1 && !parts.getFirst().placeholder() ? parts.getFirst().text() : null;
  }
}
