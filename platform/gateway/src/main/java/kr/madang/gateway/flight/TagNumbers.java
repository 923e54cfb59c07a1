package kr.madang.gateway.flight;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** The numbers of tags by the bytes of their names; looking one up allocates nothing. */
final class TagNumbers {
  /** Names that all fall on one place cannot be made without knowing it. */
  private final int factor = ThreadLocalRandom.current().nextInt() | 1;

  private byte[][] names = new byte[64][];
  private int[] numbers = new int[64];
  private int size;

  /** The number of a tag, or -1. */
  int find(byte[] bytes, int from, int length) {
    int at = place(names, bytes, from, length);
    return names[at] == null ? -1 : numbers[at];
  }

  void put(byte[] name, int number) {
    if (size * 2 >= names.length) {
      byte[][] wider = new byte[names.length * 2][];
      int[] moved = new int[wider.length];
      for (int i = 0; i < names.length; i++) {
        if (names[i] != null) {
          int at = place(wider, names[i], 0, names[i].length);
          wider[at] = names[i];
          moved[at] = numbers[i];
        }
      }
      names = wider;
      numbers = moved;
    }
    int at = place(names, name, 0, name.length);
    if (names[at] == null) {
      size++;
    }
    names[at] = name;
    numbers[at] = number;
  }

  void clear() {
    Arrays.fill(names, null);
    size = 0;
  }

  /** Where a name stands, or is to stand. */
  private int place(byte[][] names, byte[] bytes, int from, int length) {
    int hash = length;
    for (int i = from; i < from + length; i++) {
      hash = factor * hash + bytes[i];
    }
    int at = (hash ^ hash >>> 15) & names.length - 1;
    while (names[at] != null
        && !Arrays.equals(names[at], 0, names[at].length, bytes, from, from + length)) {
      at = at + 1 & names.length - 1;
    }
    return at;
  }
}
