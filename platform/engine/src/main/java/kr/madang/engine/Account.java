package kr.madang.engine;

import java.util.Map;
import java.util.TreeMap;

/** The rows of one stage. Written by the stage's thread, read by any. */
final class Account {
  private final String name;
  private final Map<String, Long> dropped = new TreeMap<>();
  private long in;
  private long filtered;
  private long rejected;
  private long lost;
  private long held;
  private long working;
  private long out;

  Account(String name) {
    this.name = name;
  }

  /** Goes on from what was counted in an earlier life. */
  synchronized void resume(Ledger.Stage before) {
    in = before.in();
    filtered = before.filtered();
    rejected = before.rejected();
    dropped.clear();
    dropped.putAll(before.dropped());
    lost = before.dropped().values().stream().mapToLong(Long::longValue).sum();
    held = before.held();
    working = 0;
    out = before.out();
  }

  /** Rows were read and could not be accepted: they do not count. */
  synchronized void unaccepted(long rows) {
    in -= rows;
    out -= rows;
  }

  /** Rows that were taken stay where they came from. */
  synchronized void giveBack(long rows, long rejectedRows) {
    in -= rows;
    rejected -= rejectedRows;
    held = 0;
    working = 0;
  }

  synchronized void begin(long rows) {
    in += rows;
    working += rows;
  }

  synchronized void filtered(long rows) {
    filtered += rows;
    working -= rows;
  }

  synchronized void rejected(long rows) {
    rejected += rows;
    working -= rows;
  }

  synchronized void dropped(String policy, long rows) {
    if (rows > 0) {
      dropped.merge(policy, rows, Long::sum);
      lost += rows;
      working -= rows;
    }
  }

  /** The batch at hand is done: what is left of it was absorbed or is held. */
  synchronized void end(long heldNow) {
    working = 0;
    held = heldNow;
  }

  synchronized void out(long rows) {
    out += rows;
  }

  /** The stage ends by force: what it holds and works on comes to nothing. */
  synchronized void abandon(String policy) {
    long rows = ownHeld() + Math.max(0, working);
    held = 0;
    working = 0;
    if (rows > 0) {
      dropped.merge(policy, rows, Long::sum);
      lost += rows;
    }
  }

  /** A stage may say that it depends on rows which it also filtered; they are counted once. */
  private long ownHeld() {
    return Math.max(0, Math.min(held, in - filtered - rejected - lost - Math.max(0, working)));
  }

  synchronized long in() {
    return in;
  }

  synchronized Ledger.Stage snapshot() {
    // Rows named as filtered, dropped or rejected may lie in an earlier batch than the one at hand.
    long inHand = Math.max(0, working);
    long kept = ownHeld();
    return new Ledger.Stage(
        name,
        in,
        in - filtered - rejected - lost - kept - inHand,
        filtered,
        rejected,
        Map.copyOf(dropped),
        kept,
        inHand,
        out);
  }
}
