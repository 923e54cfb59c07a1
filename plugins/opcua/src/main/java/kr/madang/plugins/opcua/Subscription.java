package kr.madang.plugins.opcua;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;

/** A subscription as the server keeps it, and how far we have read it. One thread. */
final class Subscription {
  private final UInteger id;
  private final long silence;
  private final List<Target> targets = new ArrayList<>();
  private final List<Target> refused = new ArrayList<>();
  private long last;
  private long heard;
  private long triedAgain;

  /**
   * @param silence nanoseconds after which the server should have sent a sign of life
   */
  Subscription(UInteger id, long silence, long now) {
    this.id = id;
    this.silence = silence;
    this.heard = now;
    this.triedAgain = now;
  }

  UInteger id() {
    return id;
  }

  List<Target> targets() {
    return targets;
  }

  /** Targets that the server refused; asked for again from time to time. */
  List<Target> refused() {
    return refused;
  }

  /** The number of the last message read; 0 before the first. */
  long last() {
    return last;
  }

  void read(long sequence) {
    last = sequence;
  }

  /** The number of the next message; after the greatest comes 1. */
  long next() {
    return after(last);
  }

  static long after(long sequence) {
    return sequence == 0xFFFF_FFFFL ? 1 : sequence + 1;
  }

  /** How many messages a number lies ahead of the next one; negative for one that was read. */
  long ahead(long sequence) {
    // 0 is never used as a number, which makes the circle one shorter than 2^32.
    long circle = 0xFFFF_FFFFL;
    long distance = Math.floorMod(sequence - next(), circle);
    return distance > circle / 2 ? distance - circle : distance;
  }

  void heard(long now) {
    heard = now;
  }

  boolean silent(long now, long allowance) {
    return now - heard > silence + allowance;
  }

  boolean tryAgain(long now, long every) {
    if (refused.isEmpty() || now - triedAgain < every) {
      return false;
    }
    triedAgain = now;
    return true;
  }
}
