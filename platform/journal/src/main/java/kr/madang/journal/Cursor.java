package kr.madang.journal;

import java.util.Optional;

/**
 * A small record that is replaced at once: how far a reader is and what it counted. It survives the
 * end of the process as soon as {@link #set} returns and a power cut after the next forced write of
 * the journal or a second, so after a power cut it may be an older one. Any thread.
 */
public final class Cursor {

  /** What was set last; empty if nothing was, or if it is damaged. */
  public Optional<byte[]> get() {
    throw new UnsupportedOperationException();
  }

  /** Replaces it; at most 4,000 bytes. */
  public void set(byte[] value) {
    throw new UnsupportedOperationException();
  }
}
