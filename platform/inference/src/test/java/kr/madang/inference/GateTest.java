package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class GateTest {
  private final List<Standing> order = new ArrayList<>();

  private final class Standing extends Gate.Place {
    Standing(Gate.Line line, int priority, long cost) {
      super(line, priority, cost);
    }

    @Override
    void granted() {
      order.add(this);
    }
  }

  @Property(tries = 200)
  void linesThatAlwaysWaitGetComputeTimeByTheirWeights(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int lines) {
    order.clear();
    Random random = new Random(seed);
    Gate gate = new Gate(1);
    Gate.Line holder = new Gate.Line();
    assertThat(gate.tryEnter(holder, 1)).isTrue();
    List<Gate.Line> all = new ArrayList<>();
    double[] weights = new double[lines];
    long[] longest = new long[lines];
    for (int i = 0; i < lines; i++) {
      Gate.Line line = new Gate.Line();
      weights[i] = 1 + random.nextInt(8);
      line.weight(weights[i]);
      all.add(line);
      long usual = 1 + random.nextInt(1_000);
      for (int j = 0; j < 3_000; j++) {
        long cost = 1 + random.nextLong(2 * usual);
        longest[i] = Math.max(longest[i], cost);
        gate.lineUp(new Standing(line, 0, cost), Integer.MAX_VALUE);
      }
    }
    double[] had = new double[lines];
    while (all.stream().allMatch(line -> line.length() > 0)) {
      gate.leave();
      Standing last = order.getLast();
      had[all.indexOf(last.line)] += last.cost;
    }
    for (int i = 1; i < lines; i++) {
      // the bound of start-time fair queueing: the longest job of each of the two
      assertThat(had[i] / weights[i])
          .isCloseTo(
              had[0] / weights[0],
              within(longest[i] / weights[i] + longest[0] / weights[0] + 1e-6));
    }
  }

  @Property(tries = 200)
  void nobodyIsForgottenAndNobodyIsGrantedTwice(@ForAll long seed) {
    order.clear();
    Random random = new Random(seed);
    int permits = 1 + random.nextInt(3);
    Gate gate = new Gate(permits);
    List<Gate.Line> lines = List.of(new Gate.Line(), new Gate.Line(), new Gate.Line());
    List<Standing> made = new ArrayList<>();
    List<Gate.Place> removed = new ArrayList<>();
    int left = 0;
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(10) == 0) {
        lines.get(random.nextInt(3)).refused(System.nanoTime());
      }
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          Standing one = new Standing(lines.get(random.nextInt(3)), random.nextInt(3), 5);
          made.add(one);
          gate.lineUp(one, Integer.MAX_VALUE);
        }
        case 2 -> {
          if (left < order.size()) {
            left++;
            gate.leave();
          }
        }
        case 3 -> {
          if (!made.isEmpty()) {
            Standing one = made.get(random.nextInt(made.size()));
            if (gate.remove(one)) {
              removed.add(one);
            }
          }
        }
        default -> removed.addAll(gate.along(place -> random.nextInt(4) == 0));
      }
      assertThat(order.size() - left).isLessThanOrEqualTo(permits);
    }
    while (left < order.size()) {
      left++;
      gate.leave();
    }
    assertThat(gate.free()).isEqualTo(permits);
    assertThat(order).doesNotHaveDuplicates().doesNotContainAnyElementsOf(cast(removed));
    assertThat(order.size() + removed.size()).isEqualTo(made.size());
    assertThat(gate.backlog()).isZero();
  }

  private static List<Standing> cast(List<Gate.Place> places) {
    return places.stream().map(place -> (Standing) place).toList();
  }

  @Test
  void inALineTheLowestPriorityGoesFirstAndThenWhoCameFirst() {
    Gate gate = new Gate(1);
    Gate.Line line = new Gate.Line();
    gate.tryEnter(line, 1);
    Standing late = new Standing(line, 2, 1);
    Standing first = new Standing(line, 0, 1);
    Standing second = new Standing(line, 0, 1);
    List.of(late, first, second).forEach(one -> gate.lineUp(one, 10));
    for (int i = 0; i < 3; i++) {
      gate.leave();
    }
    assertThat(order).containsExactly(first, second, late);
  }

  @Test
  void aLineThatWasIdleHasSavedNothingUp() {
    Gate gate = new Gate(1);
    Gate.Line busy = new Gate.Line();
    Gate.Line idle = new Gate.Line();
    for (int i = 0; i < 1_000; i++) {
      assertThat(gate.tryEnter(busy, 1_000)).isTrue();
      gate.leave();
    }
    gate.tryEnter(busy, 1_000);
    for (int i = 0; i < 10; i++) {
      gate.lineUp(new Standing(busy, 0, 1_000), 100);
      gate.lineUp(new Standing(idle, 0, 1_000), 100);
    }
    for (int i = 0; i < 10; i++) {
      gate.leave();
    }
    assertThat(order.stream().filter(one -> one.line == idle).count()).isBetween(5L, 6L);
  }

  @Test
  void aLineIsNoLongerThanItMayBe() {
    Gate gate = new Gate(1);
    Gate.Line line = new Gate.Line();
    gate.tryEnter(line, 1);
    assertThat(gate.lineUp(new Standing(line, 0, 1), 2)).isTrue();
    assertThat(gate.lineUp(new Standing(line, 0, 1), 2)).isTrue();
    assertThat(gate.lineUp(new Standing(line, 0, 1), 2)).isFalse();
    assertThat(line.length()).isEqualTo(2);
  }

  @Test
  void whoAsksForMoreThanItMayHaveLeavesTheLastPermitToWhoElseAsks() {
    Gate gate = new Gate(2);
    Gate.Line quiet = new Gate.Line();
    Gate.Line flood = new Gate.Line();
    assertThat(gate.tryEnter(quiet, 1)).isTrue();
    gate.leave();
    flood.refused(System.nanoTime());
    assertThat(gate.tryEnter(flood, 1)).isTrue();
    assertThat(gate.tryEnter(flood, 1)).isFalse();
    Standing waits = new Standing(flood, 0, 1);
    gate.lineUp(waits, 10);
    assertThat(order).isEmpty();
    Standing comes = new Standing(quiet, 0, 1);
    gate.lineUp(comes, 10);
    assertThat(order).containsExactly(comes);
    gate.leave();
    assertThat(order).containsExactly(comes);
    gate.leave();
    assertThat(order).containsExactly(comes, waits);
  }

  @Test
  void aloneOrWithinItsLimitsALineMayHaveAllPermits() {
    Gate gate = new Gate(2);
    Gate.Line flood = new Gate.Line();
    flood.refused(System.nanoTime());
    assertThat(gate.tryEnter(flood, 1)).isTrue();
    assertThat(gate.tryEnter(flood, 1)).isTrue();
    Gate other = new Gate(2);
    Gate.Line quiet = new Gate.Line();
    Gate.Line busy = new Gate.Line();
    assertThat(other.tryEnter(quiet, 1)).isTrue();
    other.leave();
    assertThat(other.tryEnter(busy, 1)).isTrue();
    assertThat(other.tryEnter(busy, 1)).isTrue();
  }
}
