package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MatcherTest {
  private static final Layout LAYOUT = new Layout(List.of(), 1);

  /** What the matcher found; values are the rows' one number. */
  private static final class Found implements Matcher.Outcome {
    final List<String> pairs = new ArrayList<>();
    final List<Long> onlyA = new ArrayList<>();
    final List<Long> onlyB = new ArrayList<>();
    int read;

    @Override
    public void read(boolean ofA, Row row) {
      read++;
    }

    @Override
    public void pair(Row a, Row b) {
      assertThat(a.sameKey(b)).isTrue();
      pairs.add(a.bits[0] + "=" + b.bits[0]);
    }

    @Override
    public void alone(boolean ofA, Row row) {
      (ofA ? onlyA : onlyB).add(row.bits[0]);
    }
  }

  /** Rows as (time, value), or (tag, time, value). */
  private static RowSource source(List<long[]> rows) {
    int[] at = new int[1];
    return into -> {
      if (at[0] == rows.size()) {
        return false;
      }
      long[] row = rows.get(at[0]++);
      into.timed = row[row.length - 2] != Long.MIN_VALUE;
      into.time = row[row.length - 2];
      into.tag = row.length == 3 ? (int) row[0] : 0;
      into.bits[0] = row[row.length - 1];
      return true;
    };
  }

  private static Found match(List<long[]> a, List<long[]> b) {
    Found found = new Found();
    try {
      new Matcher(source(a), source(b), LAYOUT, found).run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(found.read).isEqualTo(a.size() + b.size());
    return found;
  }

  private static List<long[]> times(LongStream times) {
    return times.mapToObj(time -> new long[] {time, time}).toList();
  }

  @Test
  void rowsOfOneTimeAreMatchedInTheirOrder() {
    List<long[]> a = List.of(new long[] {5, 1}, new long[] {5, 2}, new long[] {6, 3});
    List<long[]> b = List.of(new long[] {5, 11}, new long[] {5, 12}, new long[] {5, 13});

    Found found = match(a, b);

    assertThat(found.pairs).containsExactly("1=11", "2=12");
    assertThat(found.onlyA).containsExactly(3L);
    assertThat(found.onlyB).containsExactly(13L);
  }

  @Test
  void aHoleFarLongerThanWhatIsRememberedCostsNoOtherRow() {
    List<long[]> whole = times(LongStream.range(0, 300_000));
    List<long[]> holed =
        times(LongStream.concat(LongStream.range(0, 10), LongStream.range(290_000, 300_000)));

    Found found = match(whole, holed);

    assertThat(found.pairs).hasSize(10_010).noneMatch(pair -> !same(pair));
    assertThat(found.onlyA.equals(LongStream.range(10, 290_000).boxed().toList())).isTrue();
    assertThat(found.onlyB).isEmpty();
  }

  @Test
  void resultsOfDifferentTimesHaveNoRowInCommon() {
    Found found = match(times(LongStream.range(0, 9_000)), times(LongStream.range(20_000, 29_000)));

    assertThat(found.pairs).isEmpty();
    assertThat(found.onlyA).hasSize(9_000);
    assertThat(found.onlyB).hasSize(9_000);
  }

  @Test
  void theSideThatIsBehindIsReadFirstSoThatTheOtherNeedNotWait() {
    List<long[]> early = times(LongStream.range(0, 330_000));
    List<long[]> late = times(LongStream.range(300_000, 630_000));

    Found found = match(early, late);

    assertThat(found.pairs.size()).isEqualTo(30_000);
    assertThat(found.onlyA.size()).isEqualTo(300_000);
    assertThat(found.onlyB.size()).isEqualTo(300_000);
  }

  @Test
  void aClockThatJumpsAheadForOneRowDisturbsNoOther() {
    List<long[]> a = new ArrayList<>(times(LongStream.range(0, 20_000)));
    List<long[]> b = new ArrayList<>(a);
    b.set(7_000, new long[] {Long.MAX_VALUE / 2, -1});

    Found found = match(a, b);

    assertThat(found.pairs).hasSize(19_999);
    assertThat(found.onlyA).containsExactly(7_000L);
    assertThat(found.onlyB).containsExactly(-1L);
  }

  @Test
  void aTagThatLagsBehindIsMatchedToo() {
    List<long[]> a = new ArrayList<>();
    List<long[]> b = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      a.add(new long[] {0, 1_000_000 + i, i});
      a.add(new long[] {1, i, i});
      if (i != 300) {
        b.add(new long[] {0, 1_000_000 + i, i});
      }
      b.add(new long[] {1, i, i});
    }

    Found found = match(a, b);

    assertThat(found.pairs).hasSize(39_999).allMatch(pair -> same(pair));
    assertThat(found.onlyA).containsExactly(300L);
    assertThat(found.onlyB).isEmpty();
  }

  @Test
  void rowsWithoutTimeAreMatchedInTheirOrder() {
    List<long[]> a = List.of(new long[] {Long.MIN_VALUE, 1}, new long[] {Long.MIN_VALUE, 2});
    List<long[]> b = List.of(new long[] {Long.MIN_VALUE, 3});

    Found found = match(a, b);

    assertThat(found.pairs).containsExactly("1=3");
    assertThat(found.onlyA).containsExactly(2L);
  }

  private static boolean same(String pair) {
    String[] sides = pair.split("=");
    return sides[0].equals(sides[1]);
  }

  /** The plain way: for each key as many pairs as the side with fewer rows has. */
  @Property(tries = 100)
  void whateverIsTakenOutOrPutInIsFoundAndNothingElse(@ForAll Random random) {
    int rows = 1 + random.nextInt(9_000);
    int tags = 1 + random.nextInt(3);
    int disorder = random.nextBoolean() ? 0 : random.nextInt(Matcher.LOOK_BACK / 8);
    List<long[]> a = rows(random, rows, tags, disorder);
    List<long[]> b = new ArrayList<>();
    double removal = random.nextBoolean() ? 0 : random.nextDouble() / 3;
    double insertion = random.nextBoolean() ? 0 : random.nextDouble() / 3;
    for (long[] row : a) {
      if (random.nextDouble() >= removal) {
        b.add(row);
      }
      if (random.nextDouble() < insertion) {
        b.add(new long[] {row[0], row[1] + random.nextInt(5) - 2, -b.size()});
      }
    }
    Map<List<Long>, int[]> keys = new HashMap<>();
    a.forEach(row -> keys.computeIfAbsent(List.of(row[0], row[1]), k -> new int[2])[0]++);
    b.forEach(row -> keys.computeIfAbsent(List.of(row[0], row[1]), k -> new int[2])[1]++);
    int expected = keys.values().stream().mapToInt(n -> Math.min(n[0], n[1])).sum();

    Found found = match(a, b);

    assertThat(found.pairs).hasSize(expected);
    assertThat(found.onlyA).hasSize(a.size() - expected);
    assertThat(found.onlyB).hasSize(b.size() - expected);
  }

  private static List<long[]> rows(Random random, int count, int tags, int disorder) {
    long[] times = new long[count];
    for (int i = 1; i < count; i++) {
      times[i] = times[i - 1] + random.nextInt(4);
    }
    Integer[] order = new Integer[count];
    long[] late = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
      late[i] = i + (disorder == 0 ? 0 : random.nextInt(disorder));
    }
    Arrays.sort(order, (x, y) -> Long.compare(late[x], late[y]));
    List<long[]> rows = new ArrayList<>();
    for (int i : order) {
      rows.add(new long[] {random.nextInt(tags), times[i], i});
    }
    return rows;
  }
}
