package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.PluginException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ReadPlanTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  record Spot(Table table, int address, Type type, int unitId) {}

  @Provide
  Arbitrary<List<Spot>> spots() {
    Arbitrary<Spot> spot =
        Combinators.combine(
                Arbitraries.of(Table.class),
                Arbitraries.integers().between(0, 400),
                Arbitraries.of(Type.INT16, Type.UINT32, Type.FLOAT64),
                Arbitraries.integers().between(1, 2))
            .as((table, address, type, unit) ->
                new Spot(table, address, table.bits() ? Type.BOOL : type, unit));
    return spot.list().ofMinSize(1).ofMaxSize(60);
  }

  @Property(tries = 300)
  void everyPointIsReadOnceWithinTheLimits(
      @ForAll("spots") List<Spot> spots,
      @ForAll @IntRange(min = 0, max = 20) int maxGap,
      @ForAll @IntRange(min = 4, max = 125) int limit) {
    Register[] registers = new Register[spots.size()];
    for (int i = 0; i < registers.length; i++) {
      Spot spot = spots.get(i);
      registers[i] = register("t" + i, spot.table(), spot.address(), spot.type(), spot.unitId());
    }

    List<Request> plan = ReadPlan.of(config(502, SECOND, maxGap, limit, registers));

    List<String> read = new ArrayList<>();
    for (Request request : plan) {
      int scale = request.table().bits() ? 16 : 1;
      assertThat(request.count()).isBetween(1, limit * scale);
      int end = request.start();
      for (Point point : request.points()) {
        read.add(point.tag());
        assertThat(point.unitId()).isEqualTo(request.unitId());
        assertThat(point.table()).isEqualTo(request.table());
        assertThat(point.start()).isBetween(request.start(), end + maxGap * scale);
        assertThat(point.end()).isLessThanOrEqualTo(request.start() + request.count());
        end = Math.max(end, point.end());
      }
      assertThat(end).isEqualTo(request.start() + request.count());
    }
    assertThat(read).doesNotHaveDuplicates().hasSize(registers.length);
    for (int i = 1; i < plan.size(); i++) {
      assertThat(couldShare(plan.get(i - 1), plan.get(i), maxGap, limit))
          .as("%s and %s", plan.get(i - 1), plan.get(i))
          .isFalse();
    }
  }

  private static boolean couldShare(Request left, Request right, int maxGap, int limit) {
    int scale = left.table().bits() ? 16 : 1;
    int end = Math.max(left.start() + left.count(), right.points().getFirst().end());
    return left.unitId() == right.unitId()
        && left.table() == right.table()
        && right.start() - left.start() - left.count() <= maxGap * scale
        && end - left.start() <= limit * scale;
  }

  @Example
  void aValueIsNeverDivided() {
    List<Request> plan =
        ReadPlan.of(
            config(
                502,
                SECOND,
                0,
                3,
                register("a", Table.HOLDING, 0, Type.FLOAT32),
                register("b", Table.HOLDING, 2, Type.FLOAT32)));

    assertThat(plan)
        .extracting(Request::toString)
        .containsExactly("unit 1 holding 0 to 1", "unit 1 holding 2 to 3");
  }

  @Example
  void twoThousandCoilsFitIntoOneRequest() {
    Register[] coils = new Register[2001];
    for (int i = 0; i < coils.length; i++) {
      coils[i] = register("c" + i, Table.COIL, i, Type.BOOL);
    }

    assertThat(ReadPlan.of(config(502, coils))).extracting(Request::count).containsExactly(2000, 1);
  }

  @Example
  void aValueLongerThanARequestIsRefused() {
    assertThatThrownBy(() ->
            ReadPlan.of(config(502, SECOND, 0, 3, register("a", Table.HOLDING, 0, Type.FLOAT64))))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("register 'a': expected a value of at most")
        .hasMessageContaining("= 3 registers, got 4");
  }
}
