package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic filter whose wildcards have names: {@code plant/{line}/+/#}. {@code {line}} stands for
 * {@code +}; the wildcards also have the numbers 1, 2, … from the left.
 */
final class TopicPattern {
  private final String text;
  private final String filter;
  private final List<String> levels;
  private final Map<String, Integer> names = new HashMap<>();
  private final int wildcards;

  private TopicPattern(String text) {
    this.text = text;
    String share = "";
    String rest = text;
    if (text.startsWith("$share/")) {
      int group = text.indexOf('/', 7);
      expect(group > 7 && group + 1 < text.length(), "$share/GROUP/FILTER");
      share = text.substring(0, group + 1);
      expect(share.indexOf('+') < 0 && share.indexOf('#') < 0, "a group without wildcards");
      rest = text.substring(group + 1);
    }
    expect(!rest.isEmpty() && rest.length() <= 21_845, "1 to 21845 characters");
    expect(rest.indexOf('\0') < 0, "no NUL");
    List<String> parts = new ArrayList<>();
    int count = 0;
    String[] split = rest.split("/", -1);
    for (int i = 0; i < split.length; i++) {
      String level = split[i];
      boolean named = level.length() > 2 && level.startsWith("{") && level.endsWith("}");
      if (named || level.equals("+") || level.equals("#")) {
        count++;
        names.put(String.valueOf(count), count);
        if (named) {
          String name = level.substring(1, level.length() - 1);
          expect(names.put(name, count) == null, "each name once, got {" + name + "} twice");
          level = "+";
        }
        expect(!level.equals("#") || i == split.length - 1, "# at the end only");
      } else {
        expect(
            level.indexOf('+') < 0 && level.indexOf('#') < 0, "+ and # alone between two slashes");
      }
      parts.add(level);
    }
    levels = List.copyOf(parts);
    wildcards = count;
    filter = share + String.join("/", parts);
  }

  private void expect(boolean holds, String expected) {
    Checks.that(holds, "topic", expected, "'" + text + "'");
  }

  static TopicPattern of(String text) {
    return new TopicPattern(text);
  }

  /** What the broker is told. */
  String filter() {
    return filter;
  }

  /** The number of the wildcard of a name or of a number, from 1; 0 for the whole topic; or -1. */
  int wildcard(String name) {
    if (name.equals("topic")) {
      return 0;
    }
    return names.getOrDefault(name, -1);
  }

  /** Whether only one topic matches. */
  boolean isPlain() {
    return wildcards == 0;
  }

  /** What stands for each wildcard, the whole topic first; null if the topic does not match. */
  String @Nullable [] match(String topic) {
    String[] found = new String[wildcards + 1];
    found[0] = topic;
    int at = 0;
    int seen = 0;
    for (int i = 0; i < levels.size(); i++) {
      String level = levels.get(i);
      if (level.equals("#")) {
        if (i == 0 && topic.startsWith("$")) {
          return null;
        }
        found[++seen] = at > topic.length() ? "" : topic.substring(at);
        return found;
      }
      if (at > topic.length()) {
        return null;
      }
      int end = topic.indexOf('/', at);
      int stop = end < 0 ? topic.length() : end;
      if (level.equals("+")) {
        if (i == 0 && topic.startsWith("$")) {
          return null;
        }
        found[++seen] = topic.substring(at, stop);
      } else if (stop - at != level.length() || !topic.startsWith(level, at)) {
        return null;
      }
      at = stop + 1;
    }
    return at > topic.length() ? found : null;
  }

  @Override
  public String toString() {
    return text;
  }
}
