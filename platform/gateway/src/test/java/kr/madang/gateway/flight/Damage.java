package kr.madang.gateway.flight;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kr.madang.gateway.flight.FlightBytes.Part;

/** Damages messages, the same way for the same seed. */
public final class Damage {
  private static final long[] EDGES = {
    0,
    1,
    -1,
    2,
    7,
    8,
    255,
    256,
    4_096,
    65_535,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xFFFF_FFFFL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;

  /** By a seed. */
  public Damage(long seed) {
    random = new Random(seed);
  }

  /** A stream of which some messages are damaged, doubled, left out or in another order. */
  public List<byte[]> stream(List<String> path, List<Part> parts) {
    List<Part> damaged = new ArrayList<>(parts);
    int hit = random.nextInt(damaged.size());
    switch (random.nextInt(8)) {
      case 0 -> damaged.add(random.nextInt(damaged.size()), damaged.get(hit));
      case 1 -> damaged.add(damaged.remove(hit));
      case 2 -> damaged.set(hit, new Part(damaged.get(hit).head(), bytes(damaged.get(hit).body())));
      case 3, 4, 5, 6 ->
          damaged.set(hit, new Part(bytes(damaged.get(hit).head()), damaged.get(hit).body()));
      default -> {
        // the message as a whole, below
      }
    }
    List<byte[]> messages = FlightBytes.messages(path, damaged);
    if (random.nextInt(4) == 0) {
      int which = random.nextInt(messages.size());
      messages.set(which, bytes(messages.get(which)));
    }
    return messages;
  }

  /** Some bytes, damaged in one to three places. */
  public byte[] bytes(byte[] sound) {
    byte[] bytes = sound.clone();
    for (int times = random.nextInt(3); times >= 0; times--) {
      bytes = once(bytes);
    }
    return bytes;
  }

  private byte[] once(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2, 3 -> number(bytes, at & -4, 4, EDGES[random.nextInt(EDGES.length)]);
      case 4 -> number(bytes, at & -8, 8, EDGES[random.nextInt(EDGES.length)]);
      case 5 -> {
        int width = 4;
        if (bytes.length >= width) {
          int from = Math.min(at & -width, bytes.length - width);
          ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
          all.putInt(from, all.getInt(from) + random.nextInt(-9, 10));
        }
      }
      case 6 -> {
        return Arrays.copyOf(bytes, at);
      }
      default -> {
        return Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
      }
    }
    return bytes;
  }

  private static void number(byte[] bytes, int at, int width, long value) {
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> 8 * i);
    }
  }
}
