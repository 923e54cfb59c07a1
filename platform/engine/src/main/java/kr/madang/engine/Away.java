package kr.madang.engine;

import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;

/**
 * Writes one Bad sample for each tag and missed round while a source is away, so that time moves on
 * downstream and no old value is taken for a fresh one.
 */
final class Away {
  private static final long SECOND = 1_000_000_000L;
  private static final long SHORTEST = SECOND / 20;
  private static final long ROUNDS = 1_000;
  private static final int ROWS = 16_384;

  private final SampleWriter writer;
  private final Scene scene;
  private long every = SECOND;
  private long last = System.nanoTime();
  private long wrote;
  private boolean away;

  Away(SampleWriter writer, Scene scene) {
    this.writer = writer;
    this.scene = scene;
  }

  /** Sets the time of a round; 0 if the source has none. */
  void every(long nanos) {
    every = nanos > 0 ? nanos : SECOND;
  }

  /** A round has come. */
  void seen() {
    last = System.nanoTime();
  }

  /** The source is back. */
  void over() {
    away = false;
  }

  /** How long to wait until the next call of {@link #write}. */
  long period() {
    return Math.max(every, SHORTEST);
  }

  /**
   * Writes the eldest rounds missed so far, at least one when the source has just gone. To be
   * called until there is none left; {@link #done} says that they are on their way.
   */
  boolean write() {
    int tags = writer.tags().size();
    long now = System.nanoTime();
    long missed = (now - last) / every;
    if (missed > ROUNDS) {
      last += (missed - ROUNDS) * every;
      missed = ROUNDS;
    }
    long due = away ? missed : Math.max(1, missed);
    if (due == 0 || tags == 0) {
      away = true;
      return false;
    }
    long rounds = Math.min(due, Math.max(1, ROWS / tags));
    long time = scene.nanos();
    for (long round = due - 1; round >= due - rounds; round--) {
      writer.receivedAt(time - round * every);
      for (int tag = 0; tag < tags; tag++) {
        writer.bad(tag, Quality.BAD_NO_COMMUNICATION, SampleWriter.NO_TIME);
      }
    }
    wrote = missed > 0 ? last + rounds * every : now;
    return true;
  }

  /** What was written is on its way. */
  void done() {
    last = wrote;
    away = true;
  }
}
