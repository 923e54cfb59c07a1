package kr.madang.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.sdk.batch.Batch;

/** What each stage costs when all run on one thread: time inside it, without those behind it. */
final class Stopwatch {
  private final Map<String, Long> nanos = new LinkedHashMap<>();
  private long since = System.nanoTime();
  private String current = "";

  /** Counts what stands behind as a stage of its own. */
  Downstream around(String stage, Downstream behind) {
    return new Downstream() {
      @Override
      public void data(Batch batch) throws InterruptedException {
        String before = enter(stage);
        try {
          behind.data(batch);
        } finally {
          enter(before);
        }
      }

      @Override
      public void mark(int source, long number) throws InterruptedException {
        behind.mark(source, number);
      }

      @Override
      public void settle() throws InterruptedException {
        behind.settle();
      }

      @Override
      public void end(boolean finished) throws InterruptedException {
        behind.end(finished);
      }
    };
  }

  private String enter(String stage) {
    long now = System.nanoTime();
    String before = current;
    nanos.merge(before, now - since, Long::sum);
    since = now;
    current = stage;
    return before;
  }

  long nanos(String stage) {
    return nanos.getOrDefault(stage, 0L);
  }
}
