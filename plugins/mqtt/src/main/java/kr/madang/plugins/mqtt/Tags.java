package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** The tags of a source, which are at most so many, and their numbers. One thread at a time. */
final class Tags {
  private final int most;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private @Nullable SampleWriter writer;
  private int[] written = {};

  Tags(int most) {
    this.most = most;
  }

  /** The number of a tag, new or not. */
  int of(String name) throws Misfit {
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > 255 || name.chars().anyMatch(Character::isISOControl)) {
      throw new Misfit(
          "tag",
          "1 to 255 bytes without control characters",
          bytes > 255 ? bytes + " bytes" : Shown.text(name));
    }
    if (names.size() >= most) {
      throw new Misfit(
          "tag", "at most " + most + " tags (maxTags)", "one more: " + Shown.text(name));
    }
    int number = names.size();
    numbers.put(name, number);
    names.add(name);
    return number;
  }

  /** The number that the writer has for a tag. */
  int in(SampleWriter out, int tag) {
    if (writer != out) {
      writer = out;
      written = new int[0];
    }
    if (tag >= written.length) {
      int known = written.length;
      written = Arrays.copyOf(written, Math.max(tag + 1, known * 2));
      Arrays.fill(written, known, written.length, -1);
    }
    int number = written[tag];
    if (number < 0) {
      number = out.tag(names.get(tag));
      written[tag] = number;
    }
    return number;
  }
}
