package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;

/**
 * What a peer got of one stream, after dedupe by epoch and sequence. Notes at once what cannot be
 * right: a number behind a gap, or another number under a known key.
 */
final class Received {
  private static final int MOST_COMPLAINTS = 20;

  private final String stream;
  private final boolean ordered;
  private final TreeMap<Long, Section> epochs = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();
  private long rows;
  private long duplicates;

  private static final class Section {
    private double[] values = new double[1024];
    private boolean[] known = new boolean[1024];
    private int first = -1;
    private int end;

    private void grow(int to) {
      if (to > values.length) {
        values = Arrays.copyOf(values, Math.max(to, values.length * 2));
        known = Arrays.copyOf(known, values.length);
      }
    }
  }

  /**
   * Nothing yet.
   *
   * @param ordered whether rows have to arrive in order
   */
  Received(String stream, boolean ordered) {
    this.stream = stream;
    this.ordered = ordered;
  }

  synchronized void add(long epoch, long sequence, double value) {
    int at = Math.toIntExact(sequence);
    if (!epochs.isEmpty() && epoch < epochs.lastKey() && !epochs.containsKey(epoch)) {
      complain("epoch " + epoch + " after epoch " + epochs.lastKey());
    }
    Section section = epochs.computeIfAbsent(epoch, _ -> new Section());
    section.grow(at + 1);
    if (section.known[at]) {
      duplicates++;
      if (section.values[at] != value) {
        complain(epoch + "/" + sequence + " was " + section.values[at] + ", comes as " + value);
      }
      return;
    }
    if (ordered && section.first >= 0 && at != section.end) {
      complain(epoch + "/" + sequence + " comes where " + section.end + " was expected");
    }
    section.first = section.first < 0 ? at : Math.min(section.first, at);
    section.end = Math.max(section.end, at + 1);
    section.values[at] = value;
    section.known[at] = true;
    rows++;
  }

  private void complain(String what) {
    if (complaints.size() < MOST_COMPLAINTS) {
      complaints.add(stream + ": " + what);
    }
  }

  synchronized long rows() {
    return rows;
  }

  synchronized long duplicates() {
    return duplicates;
  }

  synchronized int epochs() {
    return epochs.size();
  }

  /** What came, in the order of its keys. */
  synchronized double[] values() {
    double[] all = new double[Math.toIntExact(rows)];
    int count = 0;
    for (Section section : epochs.values()) {
      for (int i = Math.max(0, section.first); i < section.end; i++) {
        if (section.known[i]) {
          all[count++] = section.values[i];
        } else {
          complain("sequence " + i + " never came");
        }
      }
    }
    return all;
  }

  /** Row i is the number that belongs there, for all of them, and there are no others. */
  synchronized void assertExactly(long expectedRows, LongToDoubleFunction number) {
    double[] values = values();
    assertThat(complaints).as("%s: %d rows, %d again", stream, rows, duplicates).isEmpty();
    for (int i = 0; i < Math.min(values.length, expectedRows); i++) {
      if (values[i] != number.applyAsDouble(i)) {
        assertThat(values[i])
            .as("%s: row %d of %d, after %s", stream, i, expectedRows, around(values, i))
            .isEqualTo(number.applyAsDouble(i));
      }
    }
    assertThat(rows).as("%s: rows after dedupe", stream).isEqualTo(expectedRows);
  }

  /** Every number came, some perhaps under several keys, and each key is right. */
  synchronized void assertAtLeastOnce(long expectedRows, LongToDoubleFunction number) {
    double[] values = values();
    if (ordered) {
      assertThat(complaints).as("%s: %d rows, %d again", stream, rows, duplicates).isEmpty();
    }
    Arrays.sort(values);
    for (int i = 0; i < expectedRows; i++) {
      double expected = number.applyAsDouble(i);
      if (Arrays.binarySearch(values, expected) < 0) {
        assertThat(expected).as("%s: number %d of %d is lost", stream, i, expectedRows).isNaN();
      }
    }
  }

  private static String around(double[] values, int at) {
    return Arrays.toString(
        Arrays.copyOfRange(values, Math.max(0, at - 3), Math.min(values.length, at + 3)));
  }

  @Override
  public synchronized String toString() {
    return "%s: %,d rows, %,d again, %d epochs".formatted(stream, rows, duplicates, epochs.size());
  }
}
