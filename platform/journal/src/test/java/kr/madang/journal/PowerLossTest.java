package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power fails at any moment, again and again, also while the journal recovers. All seeds:
 * {@code mvn -pl platform/journal test -Dtest=PowerLossTest -Dmadang.seeds=10000}; one of them:
 * {@code -Dmadang.seed=N}.
 */
final class PowerLossTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final LongAdder cuts = new LongAdder();
  private final LongAdder checked = new LongAdder();
  private final List<String> failed = Collections.synchronizedList(new ArrayList<>());

  @Test
  void nothingAcceptedIsLostAndEveryStoreIsReadable() {
    Long only = Long.getLong("madang.seed");
    if (only != null) {
      run(only);
      return;
    }
    int seeds = Integer.getInteger("madang.seeds", 30);
    long first = Long.getLong("madang.first", 0);
    long any = ThreadLocalRandom.current().nextLong() >>> 16;
    System.out.println("power loss: the random seed is " + any);
    long start = System.nanoTime();
    // a seed mostly waits for the threads of its journals
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      pool.execute(() -> tryRun(any));
      for (long seed = first; seed < first + seeds; seed++) {
        long next = seed;
        pool.execute(() -> tryRun(next));
      }
    }
    System.out.printf(
        "power loss: %,d seeds, %,d cuts and kills, %,d accepted records looked for, %d seeds"
            + " with a loss or an unreadable store, %.1f s%n",
        seeds + 1, cuts.sum(), checked.sum(), failed.size(), (System.nanoTime() - start) / 1e9);
    assertThat(failed).isEmpty();
  }

  /** Seeds that found something once. */
  @ParameterizedTest
  @ValueSource(longs = {0})
  void whatWasFoundOnceStaysRepaired(long seed) {
    run(seed);
  }

  private void tryRun(long seed) {
    if (failed.size() >= 20) {
      return;
    }
    try {
      run(seed);
    } catch (AssertionError | RuntimeException e) {
      failed.add(seed + ": " + e.getMessage());
      if (failed.size() <= 3) {
        e.printStackTrace();
      }
    }
  }

  private void run(long seed) {
    Random random = new Random(seed);
    Workload work = new Workload(seed, false, arrow.get());
    try {
      SimDisk disk = new SimDisk();
      boolean cut = false;
      for (int life = 3 + random.nextInt(3); life > 0; life--) {
        if (random.nextInt(3) == 0) {
          // at any operation, that of the recovery too
          disk.stopAt(
              1 + random.nextInt(random.nextBoolean() ? 20 : 150),
              SimDisk.Moment.values()[random.nextInt(3)]);
        }
        boolean alive = work.open(disk, cut);
        for (int step = random.nextInt(50); alive && step > 0; step--) {
          alive = work.step();
        }
        if (alive && random.nextInt(4) == 0) {
          alive = work.settle();
        }
        if (alive && random.nextInt(5) == 0) {
          work.shut();
        }
        checked.add(work.expected().now().accepted());
        cut = random.nextInt(5) > 0;
        SimDisk left = cut ? disk.powerCut(random.nextLong()) : disk.crash();
        work.close();
        disk = left;
        cuts.increment();
      }
      if (work.open(disk, cut)) {
        // once more, and the same
        SimDisk again = disk.powerCut(random.nextLong());
        work.close();
        work.open(again, true);
        work.step();
        work.settle();
      }
    } finally {
      work.end();
    }
  }
}
