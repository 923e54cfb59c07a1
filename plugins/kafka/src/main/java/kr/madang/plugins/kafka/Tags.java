package kr.madang.plugins.kafka;

import java.util.HashMap;
import java.util.Map;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.Tag;

/** The tags seen so far; a topic whose tags never end must not end our memory. */
final class Tags {
  static final int MOST = 65_536;

  private final SampleWriter writer;
  private final Map<String, Integer> numbers = new HashMap<>();

  Tags(SampleWriter writer) {
    this.writer = writer;
  }

  /** The number of a tag, or -1 if it cannot be one. */
  int number(String name) {
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    if (numbers.size() >= MOST || !fit(name)) {
      return -1;
    }
    int number = writer.tag(name);
    numbers.put(name, number);
    return number;
  }

  private static boolean fit(String name) {
    try {
      return !new Tag(name).name().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Why a name cannot be a tag. */
  String unfit(String name) {
    String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
    return fit(name)
        ? "expected at most " + MOST + " tags, got one more: '" + shown + "'"
        : "expected 1 to 255 bytes without control characters, got '" + shown + "'";
  }
}
