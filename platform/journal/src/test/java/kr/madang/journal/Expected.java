package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a journal was told, in order, and how much of it was said to be safe. Written by the thread
 * that appends and by the journal's own; {@link #now} may be taken at any moment of any operation.
 */
final class Expected {

  /**
   * One record.
   *
   * @param number of the record among all that were ever told; the first bytes of its meta
   * @param unit records of the same unit are there together or not at all
   * @param digests of its rows; empty for a note or mark
   */
  record Item(
      long number,
      long unit,
      String stream,
      long epoch,
      long sequence,
      int rows,
      byte[] meta,
      long[] digests) {
    long end() {
      return sequence + rows;
    }

    @Override
    public String toString() {
      return "%s record %d: rows %d to %d, unit %d, epoch %d"
          .formatted(stream, number, sequence, end(), unit, epoch);
    }
  }

  /** A value of a cursor: rows below it were used up. */
  record Place(long position, byte[] value) {
    @Override
    public String toString() {
      return position + "/" + ByteBuffer.wrap(value).getLong(8);
    }
  }

  /**
   * What may be in a cursor.
   *
   * @param places all that were ever set
   * @param returned how many of them were set for good as far as the process is concerned
   * @param safe how many of them were set before a commit that was forced began
   */
  record Places(List<Place> places, int returned, int safe) {}

  /**
   * All at one moment.
   *
   * @param items in their order
   * @param accepted how many of them are safe
   * @param cursors by stream
   */
  record State(List<Item> items, int accepted, Map<String, Places> cursors, Set<String> dropped) {}

  private static final class Progress {
    final List<Place> places = new ArrayList<>();
    int returned;
    int safe;
    int unsafe;
  }

  private final List<Item> items = new ArrayList<>();
  // the journal's number of each record, as far as it is known
  private final List<Long> orders = new ArrayList<>();
  private final Map<String, Progress> cursors = new HashMap<>();
  private final Set<String> dropped = new HashSet<>();
  private long number;
  private int accepted;
  private long forced = -1;
  private long covered = -1;

  synchronized long nextNumber() {
    return number++;
  }

  synchronized int size() {
    return items.size();
  }

  synchronized Item item(int index) {
    return items.get(index);
  }

  /** Records are about to be appended. */
  synchronized void tell(List<Item> unit) {
    items.addAll(unit);
    for (Progress progress : cursors.values()) {
      if (covered < 0) {
        progress.unsafe = progress.returned;
      }
    }
  }

  /** They were taken. */
  synchronized void taken(int records, long order) {
    for (int back = records - 1; back >= 0; back--) {
      orders.add(order - back);
    }
    if (covered < 0) {
      covered = order;
    }
    accept();
  }

  /** They were not. */
  synchronized void refused(int records) {
    for (int i = 0; i < records; i++) {
      items.removeLast();
    }
  }

  /** Records up to the journal's number are safe. */
  synchronized void forced(long order) {
    forced = Math.max(forced, order);
    accept();
  }

  private void accept() {
    while (accepted < orders.size() && orders.get(accepted) <= forced) {
      accepted++;
    }
    if (covered >= 0 && covered <= forced) {
      covered = -1;
      for (Progress progress : cursors.values()) {
        progress.safe = Math.max(progress.safe, progress.unsafe);
      }
    }
  }

  /** A cursor is about to be set. */
  synchronized void setting(String stream, Place place) {
    cursors.computeIfAbsent(stream, any -> new Progress()).places.add(place);
  }

  /** It was. */
  synchronized void set(String stream) {
    Progress progress = cursors.computeIfAbsent(stream, any -> new Progress());
    progress.returned = progress.places.size();
  }

  synchronized void drop(String stream) {
    dropped.add(stream);
  }

  /** Takes over what another one remembers. */
  synchronized void assume(State other) {
    items.addAll(other.items);
    accepted = other.accepted;
    other.cursors.forEach((stream, held) -> {
      Progress progress = new Progress();
      progress.places.addAll(held.places);
      progress.returned = held.returned;
      progress.safe = held.safe;
      cursors.put(stream, progress);
    });
    dropped.addAll(other.dropped);
    for (Item item : items) {
      number = Math.max(number, item.number + 1);
    }
  }

  /** The journal was closed, with all that goes with it. */
  synchronized void closed() {
    accepted = orders.size();
    cursors.values().forEach(progress -> progress.safe = progress.returned);
  }

  /** After a recovery: what is left, all of it safe; records have new numbers from now on. */
  synchronized void restart(List<Item> left, Map<String, Integer> places) {
    items.clear();
    items.addAll(left);
    orders.clear();
    left.forEach(item -> orders.add(-1L));
    accepted = items.size();
    forced = -1;
    covered = -1;
    cursors.forEach((stream, progress) -> {
      int found = places.getOrDefault(stream, 0);
      while (progress.places.size() > found) {
        progress.places.removeLast();
      }
      progress.returned = found;
      progress.safe = Math.min(found, progress.safe);
      progress.unsafe = progress.safe;
    });
  }

  synchronized State now() {
    Map<String, Places> places = new HashMap<>();
    cursors.forEach((stream, progress) ->
        places.put(
            stream, new Places(List.copyOf(progress.places), progress.returned, progress.safe)));
    return new State(List.copyOf(items), accepted, places, Set.copyOf(dropped));
  }
}
