package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A script of several hundred operations of the disk; before, within and after each of them the
 * process is killed, and by another copy of the disk the power cut. More of it: {@code
 * -Dmadang.points=5000}.
 */
final class CrashPointsTest {
  private static final long SEED = 20_261;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  /** The disk and what was told at one moment. */
  private record Point(long operation, SimDisk.Moment moment, SimDisk disk, Expected.State told) {}

  private final List<String> failed = new ArrayList<>();
  private int recoveries;
  private int nested;

  @Test
  void everyPointOfAScriptIsRecoveredFrom() {
    int points = Integer.getInteger("madang.points", 300);
    long start = System.nanoTime();
    Workload work = new Workload(SEED, true, arrow.get());
    TreeSet<Long> operations = new TreeSet<>();
    try {
      SimDisk disk = new SimDisk();
      long before = 0;
      while (before + disk.operations() < points) {
        long base = before;
        watch(disk, base, work, operations);
        assertThat(work.open(disk, false)).isTrue();
        for (int step = 0; step < 120 && base + disk.operations() < points; step++) {
          assertThat(work.step()).isTrue();
        }
        work.shut();
        disk.watch(null);
        before += disk.operations();
        disk = disk.crash();
      }
    } finally {
      work.end();
    }
    System.out.printf(
        "crash points: %,d operations, %,d recoveries, %,d of them after a second crash, %d failed,"
            + " %.1f s%n",
        operations.size(), recoveries, nested, failed.size(), (System.nanoTime() - start) / 1e9);
    assertThat(failed).isEmpty();
    assertThat(operations.size()).isGreaterThanOrEqualTo(points);
  }

  private void watch(SimDisk disk, long base, Workload work, TreeSet<Long> operations) {
    disk.watch((operation, moment) -> {
      operations.add(base + operation);
      Expected.State told = work.expected().now();
      Point killed = new Point(base + operation, moment, disk.copy(), told);
      recover(killed, false, operation % 17 == 0);
      Point cut = new Point(base + operation, moment, disk.copy().powerCut(base + operation), told);
      recover(cut, true, operation % 19 == 0);
    });
  }

  /** Recovers, appends, and recovers again; perhaps with a crash at each operation of it. */
  private void recover(Point point, boolean cut, boolean again) {
    recoveries++;
    SimDisk disk = point.disk;
    if (again) {
      disk.watch((operation, moment) -> {
        nested++;
        Point second =
            new Point(
                point.operation, moment, cut ? disk.copy().powerCut(1) : disk.copy(), point.told);
        check(second, cut, "second crash at operation " + operation + " of the recovery of ");
      });
    }
    check(point, cut, "");
  }

  private void check(Point point, boolean cut, String where) {
    Workload other = new Workload(SEED, true, arrow.get());
    try {
      other.assume(point.told);
      if (!other.open(point.disk, cut)) {
        throw new AssertionError("the disk stopped");
      }
      point.disk.watch(null);
      other.step();
      other.settle();
      other.open(point.disk.powerCut(point.operation), true);
    } catch (AssertionError | RuntimeException e) {
      synchronized (failed) {
        failed.add(
            where
                + (cut ? "power cut " : "kill ")
                + point.moment
                + " operation "
                + point.operation
                + ": "
                + e.getMessage());
        if (failed.size() <= 3) {
          e.printStackTrace();
        }
      }
    } finally {
      other.end();
    }
  }
}
