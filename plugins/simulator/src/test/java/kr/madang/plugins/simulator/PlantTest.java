package kr.madang.plugins.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class PlantTest {
  private static final int MINUTES = 5;

  @Test
  void oneSeedGivesOneHistoryWhateverTheStepsOfTheReader() {
    Plant often = new Plant(7, List.of());
    Plant seldom = new Plant(7, List.of());
    for (long time = 0; time <= 60_000; time += 100) {
      often.advanceTo(time);
    }

    assertThat(often.reading()).isEqualTo(seldom.advanceTo(60_000));
    assertThat(often.reading()).isNotEqualTo(new Plant(8, List.of()).advanceTo(60_000));
  }

  @Test
  void plantTimeNeverRunsBack() {
    Plant plant = new Plant(7, List.of());
    Reading at = plant.advanceTo(1_000);

    assertThat(plant.advanceTo(500)).isSameAs(at);
    assertThat(at.millis()).isEqualTo(1_000);
  }

  @Test
  void historiesAgreeUntilAFaultIsSwitchedOnAndSoonAfterItIsOff() {
    Plant healthy = new Plant(3, List.of());
    Plant blocked = new Plant(3, List.of(FaultPlan.parse("blocked-valve@10:20")));

    assertThat(blocked.advanceTo(9_980)).isEqualTo(healthy.advanceTo(9_980));
    assertThat(blocked.advanceTo(15_000).flow()).isLessThan(healthy.advanceTo(15_000).flow());
    assertThat(blocked.advanceTo(120_000).flow())
        .isCloseTo(healthy.advanceTo(120_000).flow(), within(1e-3));
  }

  @Test
  void aWornBearingShakesTheDriveEndAndBrakesAndWarms() {
    assertThat(change(Fault.WORN_BEARING, Reading::vibrationA)).isBetween(0.1, 0.25);
    assertThat(change(Fault.WORN_BEARING, Reading::current)).isBetween(0.01, 0.04);
    assertThat(change(Fault.WORN_BEARING, Reading::temperature)).isBetween(0.02, 0.06);
    assertThat(change(Fault.WORN_BEARING, Reading::flow)).isCloseTo(0, within(1e-6));
    assertThat(change(Fault.WORN_BEARING, Reading::pressure)).isCloseTo(0, within(1e-6));
  }

  @Test
  void cavitationCostsHeadAndFlowAndHammersTheCasing() {
    assertThat(change(Fault.CAVITATION, Reading::vibrationB)).isBetween(0.08, 0.2);
    assertThat(change(Fault.CAVITATION, Reading::pressure)).isBetween(-0.03, -0.005);
    assertThat(change(Fault.CAVITATION, Reading::flow)).isBetween(-0.02, -0.004);
  }

  @Test
  void aBlockedValveTradesFlowForPressure() {
    assertThat(change(Fault.BLOCKED_VALVE, Reading::flow)).isBetween(-0.05, -0.02);
    assertThat(change(Fault.BLOCKED_VALVE, Reading::pressure)).isBetween(0.01, 0.03);
  }

  @Test
  void noFaultTakesASignalOutOfTheRangeOfNormalRunningForLong() {
    for (Fault fault : Fault.values()) {
      for (int signal = 0; signal < Reading.SIGNALS; signal++) {
        int number = signal;
        double[] normal = values(60, List.of(), reading -> reading.value(number));
        double[] faulty =
            values(
                MINUTES,
                List.of(new FaultPlan(fault, 0, Double.POSITIVE_INFINITY)),
                reading -> reading.value(number));
        double mean = mean(normal);
        double deviation = deviation(normal, mean);
        long beyond = 0;
        for (double value : faulty) {
          beyond += Math.abs(value - mean) > 4 * deviation ? 1 : 0;
        }
        assertThat(beyond).as("%s, signal %s", fault, signal).isLessThan(faulty.length / 50L);
      }
    }
  }

  @Test
  void aFaultSwitchedByHandCountsLikeAPlannedOne() {
    Plant plant = new Plant(1, List.of());
    plant.set(Fault.CAVITATION, true);
    assertThat(plant.isOn(Fault.CAVITATION)).isTrue();
    assertThat(plant.isOn(Fault.WORN_BEARING)).isFalse();

    Plant planned = new Plant(1, List.of(FaultPlan.parse("cavitation@0.02")));
    assertThat(plant.advanceTo(30_000)).isEqualTo(planned.advanceTo(30_000));
  }

  @Test
  void aPlanThatCannotBeReadSaysWhatItShouldLookLike() {
    assertThatThrownBy(() -> FaultPlan.parse("worn-bearing"))
        .hasMessageContaining("name@seconds")
        .hasMessageContaining("'worn-bearing'");
    assertThatThrownBy(() -> FaultPlan.parse("rust@5"))
        .hasMessageContaining("worn-bearing, cavitation, blocked-valve")
        .hasMessageContaining("'rust'");
    assertThatThrownBy(() -> FaultPlan.parse("cavitation@5:5"))
        .hasMessageContaining("'cavitation@5:5'");
  }

  @Test
  void aRecordingHasOneLineForEachRoundAndTheLabelOfTheFault() throws IOException {
    StringBuilder csv = new StringBuilder();
    PlantRecorder.record(1, 2, 10, List.of(FaultPlan.parse("cavitation@1")), csv);
    List<String> lines = csv.toString().lines().toList();

    assertThat(lines).hasSize(21);
    assertThat(lines.getFirst())
        .isEqualTo("time,current,pressure,flow,temperature,vibrationA,vibrationB,fault");
    assertThat(lines.get(10)).startsWith("0.90,").endsWith(",");
    assertThat(lines.get(11)).startsWith("1.00,").endsWith(",cavitation");
    assertThat(lines.get(11).split(",")).hasSize(8);
  }

  /** The relative change of a signal's mean that a fault makes. */
  private static double change(Fault fault, ToDoubleFunction<Reading> signal) {
    double normal = mean(values(MINUTES, List.of(), signal));
    double faulty =
        mean(values(MINUTES, List.of(new FaultPlan(fault, 0, Double.POSITIVE_INFINITY)), signal));
    return faulty / normal - 1;
  }

  private static double[] values(
      int minutes, List<FaultPlan> plans, ToDoubleFunction<Reading> signal) {
    Plant plant = new Plant(5, plans);
    double[] values = new double[minutes * 600];
    plant.advanceTo(30_000);
    for (int i = 0; i < values.length; i++) {
      values[i] = signal.applyAsDouble(plant.advanceTo(30_000 + 100L * i));
    }
    return values;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}
