package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import kr.madang.engine.PipelineStatus.Phase;
import kr.madang.engine.RandomPlant.Trouble;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.ManualClock;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.apache.arrow.memory.RootAllocator;

class RandomPlantTest {
  private static final Trouble NONE = new Trouble(0, 0);
  private static final Trouble PASSING = new Trouble(0.05, 0);
  private static final Trouble ALL = new Trouble(0.05, 0.02);

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void withoutTroubleEveryRowIsDeliveredOrKeptOutOnPurpose(@ForAll long seed) throws Exception {
    runsToItsEnd(new RandomPlant(seed, NONE));
  }

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void troubleThatPassesCostsNoRow(@ForAll long seed) throws Exception {
    runsToItsEnd(new RandomPlant(seed, PASSING));
  }

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void rowsThatAStageRefusesAreKeptAsideAndTheRestIsDelivered(@ForAll long seed) throws Exception {
    runsToItsEnd(new RandomPlant(seed, ALL));
  }

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void aStopAtAnyMomentLosesNothingForTheNextStart(@ForAll long seed) throws Exception {
    RandomPlant plant = new RandomPlant(seed, ALL);
    Random random = new Random(seed);
    Path state = Files.createTempDirectory("plant");
    for (int i = 0; i < 3; i++) {
      Phase last = run(plant, state, random.nextInt(3_000), random.nextInt(3) * 20L);
      assertThat(last).isIn(Phase.STOPPED, Phase.FINISHED);
      acknowledgedRowsAreSafe(plant);
    }
    assertThat(run(plant, state, -1, 0)).isEqualTo(Phase.FINISHED);
    everyRowIsSomewhere(plant);
    new PipelineStore(state, "", "").delete();
  }

  private static void runsToItsEnd(RandomPlant plant) throws Exception {
    Path state = Files.createTempDirectory("plant");
    assertThat(run(plant, state, -1, 0)).isEqualTo(Phase.FINISHED);
    everyRowIsSomewhere(plant);
    new PipelineStore(state, "", "").delete();
  }

  /** Runs a plant and stops it after so many microseconds; below zero: never. */
  private static Phase run(RandomPlant plant, Path state, int stopAfter, long drain)
      throws Exception {
    try (RootAllocator allocator = new RootAllocator(1L << 30)) {
      Engine engine =
          new Engine(
              new EngineOptions(
                  allocator,
                  new ManualClock(),
                  plant.factory(),
                  new Random(1),
                  state,
                  Plant.journals(state)));
      Pipeline pipeline = engine.start(plant.graph);
      long end = System.nanoTime() + stopAfter * 1_000L;
      while (!pipeline.ended().isDone() && (stopAfter < 0 || System.nanoTime() < end)) {
        balanced(pipeline);
        if (stopAfter < 0 && System.nanoTime() - end > TimeUnit.SECONDS.toNanos(20)) {
          throw new AssertionError("does not end: " + pipeline.status() + pipeline.ledger());
        }
      }
      if (stopAfter >= 0) {
        pipeline.stop(Duration.ofMillis(drain));
      }
      PipelineStatus last = pipeline.ended().get(20, TimeUnit.SECONDS);
      balanced(pipeline);
      assertThat(pipeline.ledger().stages()).extracting(Ledger.Stage::working).containsOnly(0L);
      assertThat(pipeline.ledger().links()).extracting(Ledger.Link::queued).containsOnly(0L);
      assertThat(plant.broken).isEmpty();
      assertThat(last.phase()).as(last.toString()).isNotEqualTo(Phase.FAILED);
      Await.until("all threads end", () -> plant.threads.stream().noneMatch(Thread::isAlive));
      plant.threads.clear();
      return last.phase();
    }
  }

  private static void balanced(Pipeline pipeline) {
    Ledger ledger = pipeline.ledger();
    assertThat(ledger.balanced()).as(ledger.toString()).isTrue();
  }

  private static void everyRowIsSomewhere(RandomPlant plant) {
    for (int source = 0; source < plant.graph.sources().size(); source++) {
      if (!plant.sinksOf(source).isEmpty()) {
        plant.acknowledged[source] = plant.rows[source];
      }
    }
    acknowledgedRowsAreSafe(plant);
  }

  private static void acknowledgedRowsAreSafe(RandomPlant plant) {
    for (int source = 0; source < plant.graph.sources().size(); source++) {
      int upTo = plant.acknowledged[source];
      double first = source * (double) RandomPlant.MILLION;
      plant.sinksOf(source).stream()
          .forEach(sink -> {
            Set<Double> there = new HashSet<>(plant.durable.get(sink));
            for (int i = 0; i < upTo; i++) {
              double row = first + i;
              assertThat(there.contains(row) || plant.settledElsewhere.contains(row))
                  .as("row %s of %s acknowledged is in sink%s", row, upTo, sink)
                  .isTrue();
            }
          });
    }
  }
}
