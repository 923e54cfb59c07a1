package kr.madang.engine.compare;

import org.jspecify.annotations.Nullable;

/**
 * The rows of one side that wait for a partner, found by key, oldest first. Allocates nothing per
 * row.
 */
final class Waiting {
  private @Nullable Row[] heads = new Row[1024];
  private @Nullable Row[] tails = new Row[1024];
  private @Nullable Row oldest;
  private @Nullable Row newest;
  private int size;

  int size() {
    return size;
  }

  @Nullable Row oldest() {
    return oldest;
  }

  void add(Row row) {
    if (size == heads.length) {
      grow();
    }
    link(row);
    row.older = newest;
    row.newer = null;
    if (newest == null) {
      oldest = row;
    } else {
      newest.newer = row;
    }
    newest = row;
    size++;
  }

  /** Takes the oldest row of the same key out, or gives null. */
  @Nullable Row take(Row key) {
    int bucket = bucket(key);
    Row before = null;
    for (Row row = heads[bucket]; row != null; row = row.nextOfSameHash) {
      if (row.sameKey(key)) {
        remove(row, before, bucket);
        return row;
      }
      before = row;
    }
    return null;
  }

  /** Takes the oldest row out. */
  Row takeOldest() {
    Row row = oldest;
    if (row == null) {
      throw new IllegalStateException("no row waits");
    }
    int bucket = bucket(row);
    Row before = null;
    Row at = heads[bucket];
    while (at != null && at != row) {
      before = at;
      at = at.nextOfSameHash;
    }
    remove(row, before, bucket);
    return row;
  }

  private void remove(Row row, @Nullable Row before, int bucket) {
    if (before == null) {
      heads[bucket] = row.nextOfSameHash;
    } else {
      before.nextOfSameHash = row.nextOfSameHash;
    }
    if (row.nextOfSameHash == null) {
      tails[bucket] = before;
    }
    row.nextOfSameHash = null;
    if (row.older == null) {
      oldest = row.newer;
    } else {
      row.older.newer = row.newer;
    }
    if (row.newer == null) {
      newest = row.older;
    } else {
      row.newer.older = row.older;
    }
    row.older = null;
    row.newer = null;
    size--;
  }

  private void link(Row row) {
    int bucket = bucket(row);
    row.nextOfSameHash = null;
    Row tail = tails[bucket];
    if (tail == null) {
      heads[bucket] = row;
    } else {
      tail.nextOfSameHash = row;
    }
    tails[bucket] = row;
  }

  private int bucket(Row row) {
    return row.hash() & heads.length - 1;
  }

  private void grow() {
    heads = new Row[heads.length * 2];
    tails = new Row[heads.length];
    for (Row row = oldest; row != null; row = row.newer) {
      link(row);
    }
  }
}
