package kr.madang.bench;

import java.util.Arrays;
import java.util.BitSet;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;

/** A sink that can be away; knows what it was given and how old live rows were. */
final class SinkAway implements Sink {
  private final BitSet given = new BitSet();
  private final long[] ages = new long[1 << 22];
  private int measured;
  private volatile boolean away;

  void away(boolean now) {
    away = now;
  }

  synchronized int rows() {
    return given.cardinality();
  }

  /** Ages that were measured since the last call, sorted by nothing. */
  synchronized long[] ages() {
    long[] taken = Arrays.copyOf(ages, measured);
    measured = 0;
    return taken;
  }

  @Override
  public synchronized void write(Batch batch) {
    if (away) {
      throw new PluginException(ErrorCode.UNREACHABLE, "away");
    }
    Samples samples = Samples.of(batch);
    long now = System.nanoTime();
    for (int i = 0; i < samples.rows(); i++) {
      given.set((int) (batch.sequence() + i));
      if (samples.value(i) > 0 && measured < ages.length) {
        ages[measured++] = now - (long) samples.value(i);
      }
    }
  }
}
