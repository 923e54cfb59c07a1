package kr.madang.journal;

import java.io.IOException;
import java.util.Optional;
import kr.madang.journal.SegmentIndex.CursorValue;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * A small record that is replaced at once: how far a reader is and what it counted. It survives the
 * end of the process as soon as {@link #set} returns and a power cut after the next forced write of
 * the journal or a second, so after a power cut it may be an older one. Any thread.
 */
public final class Cursor {
  /** Most bytes of a value. */
  static final int MOST = 4_000;

  static final int SLOT = 4_096;

  private final String name;
  private final Slots slots;
  private final Runnable changed;
  private long logged;
  private boolean dropped;

  Cursor(String name, Slots slots, long logged, Runnable changed) {
    this.name = name;
    this.slots = slots;
    this.logged = logged;
    this.changed = changed;
  }

  /** What was set last; empty if nothing was, or if it is damaged. */
  public synchronized Optional<byte[]> get() {
    byte[] value = slots.value();
    return value == null ? Optional.empty() : Optional.of(value.clone());
  }

  /** Replaces it; at most 4,000 bytes. */
  public void set(byte[] value) {
    if (value.length > MOST) {
      throw new IllegalArgumentException(
          "cursor " + name + ": expected at most " + MOST + " bytes, got " + value.length);
    }
    synchronized (this) {
      if (dropped) {
        throw new IllegalStateException("cursor " + name + " was dropped, or its journal closed");
      }
      try {
        slots.set(value.clone());
      } catch (IOException e) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, "cursor " + name + " cannot be written: " + e, e);
      }
    }
    changed.run();
  }

  String name() {
    return name;
  }

  /** What the log does not have yet, or null. */
  synchronized @Nullable CursorValue unlogged() {
    return dropped || slots.counter() == logged
        ? null
        : new CursorValue(slots.counter(), slots.value());
  }

  synchronized void logged(long counter) {
    logged = Math.max(logged, counter);
  }

  /** Makes its file safe, if the log cannot take it. */
  synchronized void force() throws IOException {
    slots.force();
  }

  /** Ends it; the last counter. */
  synchronized long end() {
    dropped = true;
    try {
      slots.close();
    } catch (IOException e) {
      // what it holds is in the log, or in the file already
    }
    return slots.counter();
  }
}
