package kr.madang.plugins.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SimulatorSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  private final SimulatorSource factory = new SimulatorSource();

  @Test
  void theServiceLoaderFindsThePlugin() {
    assertThat(ServiceLoader.load(Plugin.class))
        .singleElement()
        .satisfies(plugin -> assertThat(plugin.sources().getFirst().name()).isEqualTo("simulator"));
  }

  @Test
  void aRoundHasOneGoodSampleForEachDeclaredTag() {
    List<Map<String, @Nullable Object>> rows = rounds(config(), 1, Duration.ZERO);

    assertThat(rows.stream().map(row -> row.get("tag")))
        .isEqualTo(factory.tags(config()).stream().map(Tag::name).toList());
    assertThat(rows).allSatisfy(row -> assertThat(row.get("status")).isEqualTo(0));
  }

  @Test
  void valuesDependOnTheSeedAndTheRoundAlone() {
    List<?> onTime = values(rounds(config(), 20, Duration.ofMillis(100)));
    List<?> late = values(rounds(config(), 20, Duration.ofSeconds(7)));

    assertThat(onTime).isEqualTo(late);
    assertThat(onTime)
        .isNotEqualTo(
            values(
                rounds(new SimulatorSource.Config(2, every(100), 1, List.of()), 20, every(100))));
  }

  @Test
  void aFasterPlantShowsInOneRoundWhatASlowOneShowsInTen() {
    List<?> slow = values(rounds(config(), 11, Duration.ZERO));
    List<?> fast =
        values(rounds(new SimulatorSource.Config(1, every(100), 10, List.of()), 2, Duration.ZERO));

    assertThat(fast.subList(6, 12)).isEqualTo(slow.subList(60, 66));
  }

  @Test
  void sourceTimesFollowTheScheduleAndCatchUpAfterMissedRounds() {
    List<Map<String, @Nullable Object>> onTime = rounds(config(), 3, every(110));
    long start = nanos(new ManualClock().instant());
    assertThat(onTime.get(0).get("sourceTime")).isEqualTo(start);
    assertThat(onTime.get(12).get("sourceTime")).isEqualTo(start + 200_000_000L);

    List<Map<String, @Nullable Object>> late = rounds(config(), 2, Duration.ofSeconds(5));
    assertThat(late.get(6).get("sourceTime")).isEqualTo(start + 5_000_000_000L);
  }

  @Test
  void aFaultThatDoesNotExistIsAConfigErrorThatListsThoseThatDo() {
    SimulatorSource.Config config = new SimulatorSource.Config(1, every(100), 1, List.of("rust@5"));

    assertThatThrownBy(() -> factory.open(config, new FakeSourceContext(arrow.get())))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "faults: fault: expected one of worn-bearing, cavitation, blocked-valve, got 'rust'");
    CollectedVerification verification = new CollectedVerification();
    factory.verify(config, verification);
    assertThat(verification.results().get(1)).contains("rust");
  }

  @Test
  void aPeriodOfNothingIsRefused() {
    assertThatThrownBy(() ->
            factory.open(
                new SimulatorSource.Config(1, Duration.ZERO, 1, List.of()),
                new FakeSourceContext(arrow.get())))
        .hasMessage("every: expected at least 1ms, got PT0S");
  }

  private static SimulatorSource.Config config() {
    return new SimulatorSource.Config(1, every(100), 1, List.of());
  }

  private static Duration every(int millis) {
    return Duration.ofMillis(millis);
  }

  private static List<?> values(List<Map<String, @Nullable Object>> rows) {
    return rows.stream().map(row -> row.get("value")).toList();
  }

  private List<Map<String, @Nullable Object>> rounds(
      SimulatorSource.Config config, int rounds, Duration pause) {
    ManualClock clock = new ManualClock();
    FakeSourceContext context =
        new FakeSourceContext(arrow.get(), clock, Optional.empty(), every(2000), new ArrayList<>());
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      PolledSource source = (PolledSource) factory.open(config, context);
      for (int i = 0; i < rounds; i++) {
        source.read(writer);
        clock.advance(pause);
      }
      source.close();
      try (Batch batch = writer.take()) {
        return Rows.of(batch);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}
