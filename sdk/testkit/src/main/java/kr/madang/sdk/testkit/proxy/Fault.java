package kr.madang.sdk.testkit.proxy;

import java.time.Duration;

/** What a {@link FaultProxy} does to its connections. */
public sealed interface Fault {

  /** Everything goes through. */
  record Pass() implements Fault {}

  /** The server is gone: connections are reset, new ones refused by the system. */
  record Refuse() implements Fault {}

  /** Connections are ended by RST, new ones as soon as they have been accepted. */
  record Reset() implements Fault {}

  /** Connections are ended by FIN, new ones as soon as they have been accepted. */
  record Finish() implements Fault {}

  /**
   * Bytes are swallowed and nobody is told, as behind a firewall that forgot the connection. New
   * connections are accepted. A connection that lost a byte stays like this for the rest of its
   * life, also under another fault, because what follows would make no sense to the far side.
   */
  record HalfOpen() implements Fault {}

  /**
   * Each connection carries so many bytes a way; the rest waits, and is carried once the fault is
   * over.
   *
   * @param bytes counted from the beginning of the connection
   */
  record StallAfter(long bytes) implements Fault {
    /** Checks the number. */
    public StallAfter {
      atLeast("bytes", bytes, 0);
    }
  }

  /**
   * Bytes are sent one by one.
   *
   * @param pause after each; with zero the system may join some again
   */
  record Trickle(Duration pause) implements Fault {}

  /**
   * Each piece that arrives waits.
   *
   * @param by how long
   */
  record Delay(Duration by) implements Fault {}

  /**
   * Bytes are replaced by others; the same seed, connection and bytes give the same result.
   *
   * @param share of the bytes that are replaced, above 0 and at most 1
   */
  record Garbage(long seed, double share) implements Fault {
    /** Checks the share. */
    public Garbage {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("share must be above 0 and at most 1, got " + share);
      }
    }
  }

  /**
   * Each connection is reset once it has carried a number of bytes, both ways together and since
   * this fault was set, that the seed gives it.
   */
  record Flap(long seed, long fewest, long most) implements Fault {
    /** Checks the range. */
    public Flap {
      atLeast("fewest", fewest, 1);
      atLeast("most", most, fewest);
    }
  }

  /** A fault of one direction; the other passes. Not for {@link Refuse} and its like. */
  record OneWay(Direction direction, Fault fault) implements Fault {
    /** Checks the kind. */
    public OneWay {
      if (fault instanceof Refuse
          || fault instanceof Reset
          || fault instanceof Finish
          || fault instanceof Flap
          || fault instanceof OneWay) {
        throw new IllegalArgumentException("this fault has no direction: " + fault);
      }
    }
  }

  /** What remains of this fault for bytes of a direction. */
  default Fault in(Direction direction) {
    return this instanceof OneWay(Direction only, Fault fault)
        ? only == direction ? fault : new Pass()
        : this;
  }

  private static void atLeast(String what, long got, long least) {
    if (got < least) {
      throw new IllegalArgumentException(what + " must be at least " + least + ", got " + got);
    }
  }
}
