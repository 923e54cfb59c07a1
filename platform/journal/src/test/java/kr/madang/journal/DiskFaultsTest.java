package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The disk fails, is full, and heals. */
final class DiskFaultsTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void everyOperationMayFailOnce() {
    for (int operation = 1; operation <= 120; operation++) {
      SimDisk disk = new SimDisk();
      disk.failAt(operation, new IOException("Input/output error"));
      Workload work = new Workload(operation, true, arrow.get());
      work.tolerate();
      try {
        openInTheEnd(work, disk);
        while (disk.operations() < operation + 20) {
          assertThat(work.step()).isTrue();
        }
        work.settle();
        work.close();
        work.open(disk.powerCut(operation), true);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("operation " + operation + " failed: " + e.getMessage(), e);
      } finally {
        work.end();
      }
    }
  }

  @Test
  void forcesMayFailForAWhile() {
    for (int seed = 0; seed < 12; seed++) {
      SimDisk disk = new SimDisk();
      Workload work = new Workload(seed, seed % 2 == 0, arrow.get());
      work.tolerate();
      try {
        work.open(disk, false);
        for (int step = 0; step < 20; step++) {
          work.step();
        }
        disk.failForce(disk.forces() + 1, disk.forces() + 1 + seed % 4);
        for (int step = 0; step < 40; step++) {
          work.step();
        }
        work.settle();
        SimDisk left = disk.powerCut(seed);
        work.close();
        work.open(left, true);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      } finally {
        work.end();
      }
    }
  }

  @Test
  void nothingIsSafeWhileForcesFailAndAllOfItAfterwards() throws Exception {
    SimDisk disk = new SimDisk();
    Workload work = new Workload(3, true, arrow.get());
    try {
      work.open(disk, false);
      for (int step = 0; step < 20; step++) {
        work.step();
      }
      Journal journal = work.journal();
      JournalStream stream = journal.stream("mine", StreamOptions.DEFAULT);
      disk.failForce(0, Long.MAX_VALUE);
      Appended appended = journal.append(List.of(Entry.note(stream, new byte[] {7})), SHORT);
      assertThat(appended.outcome()).isEqualTo(Appended.Outcome.TAKEN);
      Await.until(
          "the journal says that the disk fails",
          () -> journal.status().state() == JournalStatus.State.FAILING);
      assertThat(journal.status().reason()).contains("Input/output error");
      assertThat(journal.awaitForced(appended.order(), SHORT)).isFalse();
      assertThat(stream.forced()).isZero();
      disk.failForce(Long.MAX_VALUE, Long.MAX_VALUE);
      assertThat(journal.awaitForced(appended.order(), Duration.ofSeconds(20))).isTrue();
      Await.until(
          "the journal says that all is well",
          () -> journal.status().state() == JournalStatus.State.OPEN);
      assertThat(journal.status().damage())
          .as("people are told of the disk although it has healed")
          .anyMatch(damage -> damage.what().contains("the disk failed"));
      SimDisk left = disk.powerCut(1);
      work.close();
      try (Journal again = Journal.open(Workload.HOME, work.options(left, false))) {
        assertThat(again.find("mine").orElseThrow().forced()).isEqualTo(1);
      }
    } finally {
      work.end();
    }
  }

  @Test
  void aFullDiskBlocksAndGoesOnWhenThereIsRoom() throws Exception {
    SimDisk disk = new SimDisk();
    Workload work = new Workload(5, true, arrow.get());
    try {
      work.open(disk, false);
      for (int step = 0; step < 30; step++) {
        work.step();
      }
      Journal journal = work.journal();
      JournalStream stream = journal.stream("mine", StreamOptions.DEFAULT);
      long used = disk.files().values().stream().mapToLong(file -> file.length).sum();
      disk.full(used);
      long taken = 0;
      Appended appended;
      do {
        appended = journal.append(List.of(Entry.note(stream, new byte[5_000])), SHORT);
        if (appended.outcome() == Appended.Outcome.TAKEN) {
          taken++;
        }
        assertThat(taken).as("appends to a full disk").isLessThan(10_000);
      } while (appended.outcome() == Appended.Outcome.TAKEN);
      assertThat(appended.outcome()).isEqualTo(Appended.Outcome.FULL);
      assertThat(journal.status().state()).isEqualTo(JournalStatus.State.FULL);
      assertThat(journal.status().reason()).isNotEmpty();
      disk.full(used + (8 << 20));
      Appended last =
          journal.append(List.of(Entry.note(stream, new byte[5_000])), Duration.ofSeconds(20));
      assertThat(last.outcome()).isEqualTo(Appended.Outcome.TAKEN);
      assertThat(journal.awaitForced(last.order(), Duration.ofSeconds(20))).isTrue();
      Await.until(
          "the journal says that all is well",
          () -> journal.status().state() == JournalStatus.State.OPEN);
      SimDisk left = disk.powerCut(1);
      work.close();
      try (Journal again = Journal.open(Workload.HOME, work.options(left, false))) {
        assertThat(again.find("mine").orElseThrow().forced()).isEqualTo(taken + 1);
      }
    } finally {
      work.end();
    }
  }

  @Test
  void whatCannotBeReadNowIsNotThrownAway() {
    for (int reads = 1; reads <= 30; reads++) {
      SimDisk disk = new SimDisk();
      Workload work = new Workload(reads, true, arrow.get());
      try {
        work.open(disk, false);
        for (int step = 0; step < 60; step++) {
          work.step();
        }
        SimDisk left = disk.crash();
        work.close();
        left.failReads(reads);
        try (Journal ignored = Journal.open(Workload.HOME, work.options(left, false))) {
          // opened with what could be read
        } catch (PluginException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED);
        }
        left.failReads(0);
        work.open(left.crash(), false);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(reads + " reads failed: " + e.getMessage(), e);
      } finally {
        work.end();
      }
    }
  }

  @Test
  void aDiskThatFailsAtTheStartIsNamed() {
    SimDisk disk = new SimDisk();
    disk.failAt(1, new IOException("Input/output error"));
    Workload work = new Workload(1, true, arrow.get());
    assertThatThrownBy(() -> Journal.open(Workload.HOME, work.options(disk, false)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("Input/output error")
        .hasMessageContaining(Workload.HOME.toString());
    work.end();
  }

  private static void openInTheEnd(Workload work, SimDisk disk) {
    try {
      work.open(disk, false);
    } catch (AssertionError e) {
      if (!(e.getCause() instanceof PluginException)) {
        throw e;
      }
      work.open(disk, false);
    }
  }
}
