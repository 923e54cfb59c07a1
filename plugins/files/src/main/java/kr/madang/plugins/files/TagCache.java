package kr.madang.plugins.files;

import java.util.Arrays;
import kr.madang.sdk.batch.SampleWriter;

/** The numbers of tags by the characters of their names; a tag seen before costs no object. */
final class TagCache {
  private final SampleWriter writer;
  private char[][] names = new char[64][];
  private int[] tags = new int[64];
  private int size;

  TagCache(SampleWriter writer) {
    this.writer = writer;
  }

  /** The number of a tag, or -1 if the text cannot be the name of one. */
  int tag(char[] text, int from, int length) {
    int slot = slot(text, from, length);
    if (names[slot] != null) {
      return tags[slot];
    }
    String name = new String(text, from, length);
    int bytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > 255 || name.chars().anyMatch(Character::isISOControl)) {
      return -1;
    }
    names[slot] = name.toCharArray();
    int tag = writer.tag(name);
    tags[slot] = tag;
    if (++size * 2 > names.length) {
      grow();
    }
    return tag;
  }

  private int slot(char[] text, int from, int length) {
    int hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = hash * 31 + text[i];
    }
    int slot = (hash ^ hash >>> 15) & names.length - 1;
    while (names[slot] != null
        && !Arrays.equals(names[slot], 0, names[slot].length, text, from, from + length)) {
      slot = slot + 1 & names.length - 1;
    }
    return slot;
  }

  private void grow() {
    char[][] oldNames = names;
    int[] oldTags = tags;
    names = new char[oldNames.length * 2][];
    tags = new int[oldTags.length * 2];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != null) {
        int slot = slot(oldNames[i], 0, oldNames[i].length);
        names[slot] = oldNames[i];
        tags[slot] = oldTags[i];
      }
    }
  }
}
