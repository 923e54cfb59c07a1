package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kr.madang.inference.Use.By;
import kr.madang.inference.Use.Key;
import kr.madang.inference.Use.Stage;
import org.junit.jupiter.api.Test;

final class UseTest {
  private static final Key KEY = new Key("press", "mlp", "1.0.0", By.CALLERS);

  @Test
  void nothingIsLostWhereManyThreadsCountAtOnce() throws Exception {
    Use use = new Use(KEY);
    int each = 20_000;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          (i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual())
              .start(() -> {
                for (int j = 0; j < each; j++) {
                  use.answered(2, 3, 5, 7);
                  use.took(Stage.RENDER, 60_000);
                  use.rejected();
                  use.failed(11);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Use.Snapshot now = use.now();
    long all = 8L * each;
    assertThat(now.calls()).isEqualTo(all);
    assertThat(now.rows()).isEqualTo(2 * all);
    assertThat(now.computeNanos()).isEqualTo(14 * all);
    assertThat(now.bytesIn()).isEqualTo(5 * all);
    assertThat(now.bytesOut()).isEqualTo(7 * all);
    assertThat(now.rejected()).isEqualTo(all);
    assertThat(now.failed()).isEqualTo(all);
    Use.Spread render = now.stages().get(Stage.RENDER.ordinal());
    assertThat(render.sumNanos()).isEqualTo(60_000 * all);
    assertThat(render.counts().get(3)).as("from 50 to 100 µs").isEqualTo(all);
    assertThat(now.stages().get(Stage.RUN.ordinal()).counts()).containsOnly(0L);
  }

  @Test
  void aTimeIsCountedInTheFirstBucketThatReachesIt() {
    Random random = new Random(1);
    List<Long> bounds = Use.Spread.bounds();
    long[] expected = new long[bounds.size() + 1];
    Use use = new Use(KEY);
    for (int i = 0; i < 5_000; i++) {
      long nanos =
          i < bounds.size() ? bounds.get(i) : (long) Math.exp(random.nextDouble() * Math.log(2e10));
      use.took(Stage.QUEUE, nanos);
      expected[(int) bounds.stream().filter(bound -> bound < nanos).count()]++;
    }
    assertThat(use.now().stages().get(Stage.QUEUE.ordinal()).counts())
        .containsExactlyElementsOf(java.util.Arrays.stream(expected).boxed().toList());
  }

  @Test
  void namesThatNeverEndAreCountedTogether() {
    Uses uses = new Uses();
    for (int i = 0; i < 3 * Uses.MOST; i++) {
      uses.of(new Key("w" + i, "m", "1.0.0", By.CALLERS)).rejected();
    }
    assertThat(uses.now()).hasSizeLessThanOrEqualTo(2 * Uses.MOST + 2);
    assertThat(uses.now().stream().mapToLong(Use.Snapshot::rejected).sum())
        .isEqualTo(3L * Uses.MOST);
  }
}
