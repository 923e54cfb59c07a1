package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import kr.madang.journal.Expected.Item;
import kr.madang.journal.disk.DiskFile;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One bit of a store is turned over, and it is opened. More of it: {@code -Dmadang.flips=100000}.
 */
final class BitFlipTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  /**
   * What bits are flipped in.
   *
   * @param from the first row that is still there, by stream
   * @param youngest the segment that was written last
   * @param marked bytes of it that it says are safe; behind them a flip looks like a torn write
   */
  private record Store(
      long seed,
      SimDisk disk,
      Expected.State told,
      Map<String, Long> from,
      Path youngest,
      long marked) {}

  private final List<String> failed = new ArrayList<>();
  private final Map<String, Integer> figures = new TreeMap<>();

  @Test
  void everyFlipInAClosedStoreIsFoundAndCostsOneRecordAtMost() throws Exception {
    flips("closed", true, Integer.getInteger("madang.flips", 250));
  }

  @Test
  void everyFlipInAStoreThatWasLeftOpenIsFoundAndCostsOneRecordAtMost() throws Exception {
    flips("left open", false, Integer.getInteger("madang.flips", 250) / 4);
  }

  private void flips(String name, boolean closed, int flips) throws Exception {
    long start = System.nanoTime();
    for (int store = 0; store < 5; store++) {
      Workload work = new Workload(100 + store, true, arrow.get());
      work.keepAll();
      SimDisk disk = new SimDisk();
      try {
        // several segments, the last one young
        work.open(disk, false);
        for (int step = 0; step < 150; step++) {
          work.step();
        }
        work.shut();
        disk = disk.crash();
        work.open(disk, false);
        for (int step = 0; step < 10; step++) {
          work.step();
        }
        if (closed) {
          work.shut();
        }
        Expected.State told = work.expected().now();
        Path youngest = youngest(disk);
        Store still =
            new Store(
                100 + store,
                disk.copy(),
                told,
                first(work, disk, told),
                youngest,
                closed ? Long.MAX_VALUE : marked(disk, youngest));
        Random random = new Random(store);
        for (int flip = 0; flip < flips / 5; flip++) {
          flip(still, random);
        }
      } finally {
        work.end();
      }
    }
    System.out.printf(
        "bit flips in a store that was %s: %,d, %s, %d failed, %.1f s%n",
        name, flips, figures, failed.size(), (System.nanoTime() - start) / 1e9);
    assertThat(failed).isEmpty();
  }

  private static Path youngest(SimDisk disk) {
    return disk.files().keySet().stream()
        .filter(path -> path.toString().endsWith(".seg"))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private static long marked(SimDisk disk, Path path) throws IOException {
    try (DiskFile file = disk.open(path, false)) {
      ByteBuffer block = Layout.direct(Layout.FIRST);
      file.read(block, 0);
      SegmentHeader header = SegmentHeader.decode(block.flip());
      if (header == null) {
        throw new AssertionError("no header in " + path);
      }
      SegmentScan scan =
          new SegmentScan(
              new Window(Layout.direct(SegmentScan.WINDOW), file),
              new JournalId(header.format(), header.journal(), 0).seed(),
              file.size(),
              new SegmentIndex(),
              -1);
      scan.run();
      return scan.marked;
    }
  }

  private static Map<String, Long> first(Workload work, SimDisk disk, Expected.State told) {
    Map<String, Long> from = new HashMap<>();
    try (Journal journal = Journal.open(Workload.HOME, work.options(disk.copy(), false))) {
      for (Item item : told.items()) {
        if (!told.dropped().contains(item.stream())) {
          from.computeIfAbsent(
              item.stream(), stream -> journal.find(stream).orElseThrow().status().first());
        }
      }
    }
    return from;
  }

  private void flip(Store store, Random random) throws Exception {
    Map<Path, byte[]> files = store.disk.files();
    List<Path> paths = files.keySet().stream().filter(p -> files.get(p).length > 0).toList();
    Path path;
    int offset;
    if (random.nextInt(3) > 0) {
      // anywhere
      int total = paths.stream().mapToInt(p -> used(files.get(p))).sum();
      int at = random.nextInt(total);
      int which = 0;
      while (at >= used(files.get(paths.get(which)))) {
        at -= used(files.get(paths.get(which++)));
      }
      path = paths.get(which);
      offset = at;
    } else {
      // at the beginning, the end of what was written, or behind it
      path = paths.get(random.nextInt(paths.size()));
      int length = files.get(path).length;
      int used = used(files.get(path));
      offset =
          switch (random.nextInt(7)) {
            case 0, 1 -> random.nextInt(Math.min(length, 200));
            case 2, 3, 4 -> Math.max(0, used - 1 - random.nextInt(400));
            case 5 -> Math.max(0, used - 1 - random.nextInt(40));
            default -> random.nextInt(length);
          };
    }
    int bit = random.nextInt(8);
    SimDisk flipped = store.disk.copy();
    flipped.flip(path, offset * 8L + bit);
    boolean carries = offset < used(files.get(path));
    String where =
        "store %d, %s byte %d of %d (%d used) bit %d"
            .formatted(
                store.seed,
                path.getFileName(),
                offset,
                files.get(path).length,
                used(files.get(path)),
                bit);
    Workload other = new Workload(store.seed, true, arrow.get());
    other.keepAll();
    try (Journal journal = Journal.open(Workload.HOME, other.options(flipped, false))) {
      boolean unsure = path.equals(store.youngest) && offset >= store.marked;
      List<Item> lost = compare(journal, store, unsure);
      boolean noticed = journal.status().damaged() > 0;
      if (noticed && lost.size() > 1) {
        throw new AssertionError(lost.size() + " records were lost: " + journal.status().damage());
      }
      if (!noticed && carries && !unsure) {
        throw new AssertionError("not noticed");
      }
      count(
          path,
          noticed
              ? lost.isEmpty() ? "found, nothing lost" : "found, a record lost"
              : unsure ? "behind the last mark, cut as a tail" : "behind the last byte");
      goesOn(journal);
      SimDisk again = flipped.powerCut(offset);
      journal.close();
      try (Journal second = Journal.open(Workload.HOME, other.options(again, false))) {
        if (!compare(second, store, unsure).equals(lost)) {
          throw new AssertionError("something else is there when it is opened again");
        }
      }
    } catch (AssertionError | RuntimeException e) {
      failed.add(where + ": " + e.getMessage());
      count(path, "FAILED");
      if (failed.size() <= 3) {
        new AssertionError(where, e).printStackTrace();
      }
    } finally {
      other.end();
    }
  }

  private void count(Path path, String what) {
    String kind = String.valueOf(path.getFileName()).replaceAll("[0-9a-f]{6,}", "N");
    figures.merge(kind.replaceAll("c-s[0-9]+", "c-s") + " " + what, 1, Integer::sum);
  }

  /** Up to the last byte that is not zero. */
  private static int used(byte[] content) {
    int used = content.length;
    while (used > 0 && content[used - 1] == 0) {
      used--;
    }
    return used;
  }

  /** What is not there; all rows of it have to be in gaps. */
  private List<Item> compare(Journal journal, Store store, boolean unsure) {
    Expected.State told = store.told;
    boolean damaged = journal.status().damaged() > 0;
    told.cursors()
        .forEach((stream, held) -> {
          if (!told.dropped().contains(stream)) {
            Check.place(journal, stream, held, damaged ? 0 : held.returned());
          }
        });
    Map<String, Long> from = store.from;
    for (String stream : from.keySet()) {
      if (journal.find(stream).isEmpty()) {
        throw new AssertionError(stream + " is not there");
      }
    }
    Check.Found found = Check.read(journal, from, arrow.get());
    int at = 0;
    List<Item> missing = new ArrayList<>();
    Map<String, Item> end = new HashMap<>();
    for (Item item : told.items()) {
      Long first = from.get(item.stream());
      if (first == null) {
        continue;
      }
      end.put(item.stream(), item);
      if (at < found.records().size() && found.records().get(at).is(item, first)) {
        at++;
      } else if ((item.rows() == 0 ? item.sequence() : item.end()) > first) {
        missing.add(item);
      }
    }
    if (at < found.records().size()) {
      throw new AssertionError("never appended: " + found.records().get(at));
    }
    List<Item> kept = told.items().stream().filter(i -> from.containsKey(i.stream())).toList();
    long youngest = kept.getLast().unit();
    boolean tail =
        unsure
            && found.gaps().isEmpty()
            && !missing.isEmpty()
            && missing.stream().allMatch(item -> item.unit() == youngest);
    if (tail) {
      // nobody has said yet that it is safe, so it may as well be a write that was torn
      return missing;
    }
    covered(missing, found.gaps(), from);
    end.forEach((stream, last) -> {
      JournalStream there = journal.find(stream).orElseThrow();
      if (there.next() < last.end() && there.epoch() <= last.epoch()) {
        throw new AssertionError(
            "%s goes on at %d and not at %d, in the same epoch"
                .formatted(stream, there.next(), last.end()));
      }
    });
    return missing;
  }

  private static void covered(List<Item> missing, List<Logged.Gap> gaps, Map<String, Long> from) {
    Map<String, List<Long>> lost = new HashMap<>();
    for (Item item : missing) {
      for (long row = Math.max(item.sequence(), from.get(item.stream())); row < item.end(); row++) {
        lost.computeIfAbsent(item.stream(), any -> new ArrayList<>()).add(row);
      }
    }
    Map<String, List<Long>> marked = new HashMap<>();
    for (Logged.Gap gap : gaps) {
      if (gap.cause().equals("missing")) {
        throw new AssertionError("rows are missing: " + gap);
      }
      for (long row = gap.sequence(); row < gap.to(); row++) {
        marked.computeIfAbsent(gap.stream(), any -> new ArrayList<>()).add(row);
      }
    }
    if (!lost.equals(marked)) {
      throw new AssertionError("lost rows " + lost + ", rows in gaps " + marked);
    }
  }

  private void goesOn(Journal journal) throws InterruptedException {
    JournalStream stream = journal.stream("new", StreamOptions.DEFAULT);
    Appended appended =
        journal.append(List.of(Entry.note(stream, new byte[] {1})), Duration.ofSeconds(10));
    if (!journal.awaitForced(appended.order(), Duration.ofSeconds(10))) {
      throw new AssertionError("takes nothing any more: " + journal.status());
    }
    Optional<Logged> latest = journal.latest(stream, 0, arrow.get());
    if (!(latest.orElseThrow() instanceof Logged.Note note)
        || !Arrays.equals(note.meta(), new byte[] {1})) {
      throw new AssertionError("not what was appended: " + latest);
    }
  }
}
