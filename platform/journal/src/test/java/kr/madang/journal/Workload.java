package kr.madang.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import kr.madang.journal.Expected.Item;
import kr.madang.journal.Expected.Place;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Uses a journal as an engine does, by a seed: several streams of rows, notes and marks, units over
 * some of them, a cursor for each, a reader that follows, streams that come and go. Remembers what
 * it told and what was said to be safe. The process may end at any operation of the disk.
 */
final class Workload implements AutoCloseable {
  static final Path HOME = Path.of("/home/journal/ws");
  private static final Duration LONG = Duration.ofSeconds(30);

  /** After so long it is looked whether the disk is still there. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final Random random;
  private final BufferAllocator allocator;
  private final Content content;
  private final Expected expected = new Expected();
  private final List<String> streams = new ArrayList<>();
  private final boolean stepwise;
  private final Setup setup;
  private SimDisk disk = new SimDisk();
  private @Nullable Journal journal;
  private @Nullable Follower follower;
  private int made;
  private long units;
  private long places;
  private long last = -1;
  private boolean tolerant;
  private boolean wasCut;
  private boolean tidy = true;

  /**
   * By a seed.
   *
   * @param stepwise whether every append is awaited before the next step
   */
  Workload(long seed, boolean stepwise, BufferAllocator allocator) {
    random = new Random(seed);
    this.stepwise = stepwise;
    this.allocator = allocator;
    content = new Content(allocator, seed);
    setup = new Setup(random);
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      streams.add("s" + made++);
    }
  }

  static String cursor(String stream) {
    return "c-" + stream;
  }

  Expected expected() {
    return expected;
  }

  /** Goes on where another one is. */
  void assume(Expected.State told) {
    expected.assume(told);
    streams.clear();
    told.items().stream()
        .map(Item::stream)
        .distinct()
        .filter(name -> !told.dropped().contains(name))
        .forEach(streams::add);
    made = 1_000;
    places = 1_000_000;
    units = 1_000_000;
    if (streams.isEmpty()) {
      streams.add("s" + made++);
    }
  }

  /** Leaves records where they are that nobody needs any more. */
  void keepAll() {
    tidy = false;
  }

  /** Goes on when the disk fails. */
  void tolerate() {
    tolerant = true;
  }

  Journal journal() {
    if (journal == null) {
      throw new IllegalStateException("not open");
    }
    return journal;
  }

  JournalOptions options(SimDisk disk, boolean patient) {
    return setup.options(disk, patient);
  }

  /**
   * Opens what a disk holds and compares it with what was told; uses it from now on.
   *
   * @param cut whether the power was cut
   * @return whether the disk went on for so long
   */
  boolean open(SimDisk on, boolean cut) {
    close();
    disk = on;
    last = -1;
    Expected.State told = expected.now();
    // a recovery may have been cut short before
    wasCut |= cut;
    return alive(() -> {
      Journal opened = Journal.open(HOME, options(on, random.nextBoolean()));
      journal = opened;
      Check.Left left = Check.recovered(opened, told, wasCut, allocator);
      expected.restart(left.items(), left.places());
      wasCut = false;
      opened.onForced(() -> expected.forced(opened.forced()));
      expected
          .now()
          .cursors()
          .forEach((stream, held) ->
              opened.find(stream).ifPresent(s -> s.release(Check.position(held))));
      follow();
    });
  }

  /**
   * Does something.
   *
   * @return whether the disk goes on
   */
  boolean step() {
    return alive(() -> {
      int what = random.nextInt(100);
      if (what < 55) {
        append(random.nextInt(3) > 0 ? 1 : 2 + random.nextInt(4), 8);
      } else if (what < 59) {
        append(1, 300);
      } else if (what < 72) {
        await();
      } else if (what < 82) {
        consume();
      } else if (what < 92) {
        follow().read(random.nextInt(20));
      } else if (what < 95 && streams.size() < 8) {
        streams.add("s" + made++);
      } else if (what < 97 && streams.size() > 2) {
        drop();
      } else if (what < 98) {
        unfollow();
        if (tidy) {
          journal().tidy();
        }
      } else {
        follow().read(1_000);
      }
    });
  }

  /** Waits until everything is safe and was read. */
  boolean settle() {
    return alive(() -> {
      await();
      follow().read(Integer.MAX_VALUE);
      follow().atEnd();
    });
  }

  /** Closes the journal as one should. */
  void shut() {
    close();
    if (!disk.stopped()) {
      expected.closed();
    }
  }

  /** Gives everything up that is open. */
  @Override
  public void close() {
    Journal open = journal;
    journal = null;
    try {
      unfollow();
    } finally {
      if (open != null) {
        closeIt(open);
      }
    }
  }

  private void closeIt(Journal open) {
    try {
      open.close();
    } catch (RuntimeException | Error e) {
      if (!disk.stopped()) {
        throw e;
      }
    }
  }

  /** Frees everything. */
  void end() {
    close();
    content.close();
  }

  private interface Action {
    void run() throws InterruptedException;
  }

  private boolean alive(Action action) {
    try {
      action.run();
    } catch (RuntimeException | InterruptedException | Error e) {
      if (!disk.stopped()) {
        throw new AssertionError(String.valueOf(e.getMessage()), e);
      }
    }
    setup.untroubled();
    return !disk.stopped();
  }

  private void append(int records, int most) throws InterruptedException {
    List<Entry> entries = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    List<Batch> batches = new ArrayList<>();
    Map<String, Long> next = new HashMap<>();
    long unit = units++;
    try {
      for (int i = 0; i < records; i++) {
        JournalStream stream =
            journal().stream(streams.get(random.nextInt(streams.size())), StreamOptions.DEFAULT);
        long number = expected.nextNumber();
        byte[] meta = Content.meta(number, random);
        int kind = random.nextInt(10);
        Entry entry;
        long[] digests = {};
        if (kind < 6 || most > 100) {
          Batch batch = content.batch(1 + random.nextInt(most));
          batches.add(batch);
          digests = Content.digests(batch);
          entry = Entry.rows(stream, batch, meta);
        } else {
          entry = kind < 8 ? Entry.note(stream, meta) : Entry.mark(stream, meta);
        }
        long sequence = next.getOrDefault(stream.name(), stream.next());
        next.put(stream.name(), sequence + entry.rows());
        entries.add(entry);
        items.add(
            new Item(
                number,
                unit,
                stream.name(),
                stream.epoch(),
                sequence,
                entry.rows(),
                meta,
                digests));
      }
      expected.tell(items);
      Appended appended = take(entries);
      expected.taken(records, appended.order());
      last = appended.order();
      next.forEach((name, number) -> {
        if (journal().find(name).orElseThrow().next() != number) {
          throw new AssertionError(name + " does not go on at " + number);
        }
      });
    } finally {
      batches.forEach(Batch::close);
    }
    if (stepwise) {
      await();
    }
  }

  private Appended take(List<Entry> entries) {
    long end = System.nanoTime() + LONG.toNanos();
    while (true) {
      Appended appended;
      try {
        appended = journal().append(entries, SHORT);
      } catch (PluginException e) {
        if (tolerant && !disk.stopped() && System.nanoTime() < end) {
          continue;
        }
        throw e;
      }
      boolean full = appended.outcome() == Appended.Outcome.FULL;
      if (full && !disk.stopped() && System.nanoTime() < end) {
        continue;
      }
      if (appended.outcome() != Appended.Outcome.TAKEN) {
        expected.refused(entries.size());
        throw new AssertionError("not taken: " + appended + " " + journal().status());
      }
      return appended;
    }
  }

  private void await() throws InterruptedException {
    long end = System.nanoTime() + LONG.toNanos();
    while (last >= 0 && !journal().awaitForced(last, Duration.ofMillis(20))) {
      if (disk.stopped()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("not forced within " + LONG + ": " + journal().status());
      }
    }
    if (last >= 0) {
      expected.forced(last);
    }
  }

  private void consume() {
    String name = streams.get(random.nextInt(streams.size()));
    Optional<JournalStream> stream = journal().find(name);
    if (stream.isEmpty()) {
      return;
    }
    Expected.Places held = expected.now().cursors().get(name);
    long old = held == null ? 0 : Check.position(held);
    long far = stream.get().forced();
    Place place = Check.place(old + (long) ((far - old) * random.nextDouble(1.2)), places++);
    if (place.position() > far) {
      place = Check.place(far, places++);
    }
    expected.setting(name, place);
    try {
      journal().cursor(cursor(name)).set(place.value());
    } catch (PluginException e) {
      if (tolerant) {
        return;
      }
      throw e;
    }
    expected.set(name);
    if (random.nextInt(3) > 0) {
      stream.get().release(place.position());
    }
  }

  private void drop() {
    String name = streams.remove(random.nextInt(streams.size()));
    expected.drop(name);
    unfollow();
    try {
      journal().drop(List.of(name), List.of(cursor(name)));
    } catch (PluginException e) {
      if (!tolerant) {
        throw e;
      }
      journal().drop(List.of(name), List.of(cursor(name)));
    }
  }

  private Follower follow() {
    Follower open = follower;
    if (open == null) {
      open = new Follower(journal(), streams, expected, allocator);
      follower = open;
    }
    return open;
  }

  private void unfollow() {
    Follower open = follower;
    follower = null;
    if (open != null) {
      open.close();
    }
  }
}
