package kr.madang.journal;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.journal.Expected.Item;
import kr.madang.journal.Expected.Place;
import kr.madang.journal.Expected.Places;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Compares what a journal gives with what it was told. */
final class Check {

  /**
   * A record as it was read.
   *
   * @param number that it was told with
   */
  record Got(
      long number,
      String stream,
      long epoch,
      long sequence,
      int rows,
      long order,
      byte[] meta,
      long[] digests) {
    @Override
    public String toString() {
      return "%s record %d: rows %d to %d, number %d, epoch %d"
          .formatted(stream, number, sequence, sequence + rows, order, epoch);
    }

    /** Whether it is a record, from a row on. */
    boolean is(Item item, long from) {
      long start = item.rows() == 0 ? item.sequence() : Math.max(item.sequence(), from);
      int skipped = (int) (start - item.sequence());
      return number == item.number()
          && stream.equals(item.stream())
          && epoch == item.epoch()
          && sequence == start
          && rows == item.rows() - skipped
          && Arrays.equals(meta, item.meta())
          && (item.digests().length == 0
              ? digests.length == 0
              : Arrays.equals(digests, Arrays.copyOfRange(item.digests(), skipped, item.rows())));
    }
  }

  /** Everything that was read, in its order. */
  record Found(List<Got> records, List<Logged.Gap> gaps) {}

  /**
   * What was left of what was told.
   *
   * @param places by stream how many of the values its cursor was given
   */
  record Left(List<Item> items, Map<String, Integer> places) {}

  private Check() {}

  static Got got(Logged logged) {
    switch (logged) {
      case Logged.Rows rows -> {
        try (Batch batch = rows.batch()) {
          if (batch.sequence() != rows.sequence()
              || batch.epoch() != rows.epoch()
              || !batch.stream().equals(rows.stream())) {
            throw new AssertionError("another key in the batch than in " + rows);
          }
          return new Got(
              number(rows.meta()),
              rows.stream(),
              rows.epoch(),
              rows.sequence(),
              batch.rows(),
              rows.order(),
              rows.meta(),
              Content.digests(batch));
        }
      }
      case Logged.Note note -> {
        return new Got(
            number(note.meta()),
            note.stream(),
            note.epoch(),
            note.sequence(),
            note.rows(),
            note.order(),
            note.meta(),
            new long[0]);
      }
      case Logged.Gap gap -> throw new AssertionError("a gap: " + gap);
    }
  }

  private static long number(byte[] meta) {
    return meta.length < 8 ? -1 : ByteBuffer.wrap(meta).getLong();
  }

  /** Reads to the end. */
  static Found read(Journal journal, Map<String, Long> from, BufferAllocator allocator) {
    Found found = new Found(new ArrayList<>(), new ArrayList<>());
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    try (Reader reader = journal.read(from, allocator)) {
      while (true) {
        Logged next = reader.poll(Duration.ZERO);
        if (next instanceof Logged.Gap gap) {
          found.gaps.add(gap);
        } else if (next != null) {
          found.records.add(got(next));
        } else if (reader.atEnd()) {
          return found;
        } else if (System.nanoTime() > end) {
          throw new AssertionError("the reader neither gives a record nor is at its end");
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * How many of its values a cursor was given, by the one that it has.
   *
   * @param least how many it must have been given
   */
  static int place(Journal journal, String stream, Places places, int least) {
    Optional<byte[]> value = journal.cursor(Workload.cursor(stream)).get();
    if (value.isEmpty()) {
      if (least > 0) {
        throw new AssertionError("the cursor of %s is empty: %s".formatted(stream, places));
      }
      return 0;
    }
    for (int i = places.places().size(); i > 0; i--) {
      if (Arrays.equals(places.places().get(i - 1).value(), value.get())) {
        if (i < least) {
          throw new AssertionError(
              "the cursor of %s has value %d of %d, at least %d was safe"
                  .formatted(stream, i, places.places().size(), least));
        }
        return i;
      }
    }
    throw new AssertionError(
        "the cursor of %s has the value %s that it was never given, or that was not here: %s"
            .formatted(stream, new Place(0, value.get()), places));
  }

  /**
   * That a journal gives what it was told, whole and in order, up to a point behind what was
   * accepted, without a gap; and its cursors and numbers fit.
   *
   * @param cut whether the power was cut, so that a cursor may be an older one
   */
  static Left recovered(
      Journal journal, Expected.State told, boolean cut, BufferAllocator allocator) {
    for (Damage damage : journal.status().damage()) {
      // half a write of a small file with two places looks like damage, and costs nothing:
      // a cursor stands in the log as well, and what is oldest in each segment; so does a torn
      // mark,
      // which may be one bit away from a whole one and carries no row
      if (!damage.what().contains(" of its two places cannot be read")
          && !damage.what().contains(" of a mark is damaged")) {
        throw new AssertionError("damage where there is none: " + damage);
      }
    }
    Map<String, Integer> places = new HashMap<>();
    Map<String, Long> from = new HashMap<>();
    told.cursors()
        .forEach((stream, held) -> {
          if (told.dropped().contains(stream)) {
            return;
          }
          int place = place(journal, stream, held, cut ? held.safe() : held.returned());
          places.put(stream, place);
          from.put(stream, place == 0 ? 0 : held.places().get(place - 1).position());
        });
    for (Item item : told.items()) {
      if (!told.dropped().contains(item.stream())) {
        from.putIfAbsent(item.stream(), 0L);
      }
    }
    from.keySet().removeIf(stream -> journal.find(stream).isEmpty());
    Found found = read(journal, from, allocator);
    if (!found.gaps.isEmpty()) {
      throw new AssertionError("gaps where there are none: " + found.gaps);
    }
    inOrder(found.records);
    List<Item> left = told.items().subList(0, match(found.records, told, from));
    from.keySet().forEach(stream -> numbers(journal, stream, left, from, allocator));
    return new Left(left, places);
  }

  /** How many of the records that were told are there. */
  private static int match(List<Got> found, Expected.State told, Map<String, Long> from) {
    int matched = 0;
    int left = told.accepted();
    @Nullable Item lost = null;
    for (int i = 0; i < told.items().size(); i++) {
      Item item = told.items().get(i);
      if (told.dropped().contains(item.stream())) {
        continue;
      }
      Long first = from.get(item.stream());
      boolean needed = first == null || (item.rows() == 0 ? item.sequence() : item.end()) > first;
      if (first != null && matched < found.size() && found.get(matched).is(item, first)) {
        if (lost != null) {
          throw new AssertionError(
              "a hole: record %d is there and %d before it not".formatted(i, lost.number()));
        }
        matched++;
        left = Math.max(left, i + 1);
      } else if (needed && i < told.accepted()) {
        throw new AssertionError(
            "accepted and lost: record %d of %d accepted, %d told: %s; instead of it came %s"
                .formatted(
                    i,
                    told.accepted(),
                    told.items().size(),
                    item,
                    matched < found.size() ? found.get(matched) : "nothing"));
      } else if (needed) {
        lost = lost == null ? item : lost;
      }
    }
    if (matched < found.size()) {
      throw new AssertionError(
          "never appended, or not here: "
              + found.get(matched)
              + (lost == null ? "" : " first not there: " + lost));
    }
    if (left > 0
        && left < told.items().size()
        && told.items().get(left).unit() == told.items().get(left - 1).unit()
        && !told.dropped().contains(told.items().get(left).stream())) {
      throw new AssertionError("half a unit: " + told.items().get(left - 1));
    }
    return left;
  }

  private static void inOrder(List<Got> found) {
    long order = -1;
    for (Got got : found) {
      if (got.order() <= order) {
        throw new AssertionError("number %d in the journal twice: %s".formatted(order, got));
      }
      order = got.order();
    }
  }

  private static void numbers(
      Journal journal,
      String name,
      List<Item> left,
      Map<String, Long> from,
      BufferAllocator allocator) {
    JournalStream stream = journal.find(name).orElseThrow();
    List<Item> own = left.stream().filter(item -> item.stream().equals(name)).toList();
    long next = own.isEmpty() ? 0 : own.getLast().end();
    if (stream.next() != next || stream.forced() != next) {
      throw new AssertionError(
          "%s goes on at %d, %d forced, and not at %d"
              .formatted(name, stream.next(), stream.forced(), next));
    }
    if (!own.isEmpty() && stream.epoch() < own.getLast().epoch()) {
      throw new AssertionError(name + " is in epoch " + stream.epoch() + " after " + own.getLast());
    }
    for (int back = 0; back < 3 && back < own.size(); back++) {
      Item item = own.get(own.size() - 1 - back);
      if (item.sequence() < from.getOrDefault(name, 0L)) {
        break;
      }
      Optional<Logged> latest = journal.latest(stream, back, allocator);
      if (latest.isEmpty() ? item.rows() > 0 : !got(latest.get()).is(item, 0)) {
        throw new AssertionError(
            "%d back in %s is %s and not %s".formatted(back, name, latest, item));
      }
    }
  }

  static long position(Places places) {
    return places.places().isEmpty() ? 0 : places.places().getLast().position();
  }

  static Place place(long position, long number) {
    return new Place(position, ByteBuffer.allocate(16).putLong(position).putLong(number).array());
  }
}
