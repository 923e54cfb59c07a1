package kr.madang.plugins.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(SharedPostgres.class)
class PostgresFaultTest {
  private static final int BATCHES = 60;
  private static final int ROWS = 50;
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  static List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= Integer.getInteger("madang.scripts", 1); seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  private static final int ENOUGH = 6;

  /** The line is mended in the end; until then each failure costs up to a time-out. */
  private static void enough(int failures, FaultProxy proxy) {
    if (failures >= ENOUGH) {
      try {
        proxy.set(new Fault.Pass());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static FaultScript script(long seed) {
    return new FaultScript(
        seed,
        Duration.ofMillis(20),
        Duration.ofMillis(200),
        List.of(
            new Fault.Pass(),
            new Fault.Pass(),
            new Fault.Reset(),
            new Fault.Refuse(),
            new Fault.Finish(),
            new Fault.HalfOpen(),
            new Fault.OneWay(Direction.TO_CLIENT, new Fault.HalfOpen()),
            new Fault.StallAfter(3000),
            new Fault.Flap(seed, 2_000, 60_000),
            new Fault.Delay(Duration.ofMillis(5))));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatIsWrittenOverABadLineIsThereOnce(long seed, Postgres postgres) throws Exception {
    String table = "written_" + seed;
    FakeSinkContext context =
        new FakeSinkContext(arrow.get(), new ManualClock(), TIMEOUT, new ArrayList<>());
    try (FaultProxy proxy = FaultProxy.to(postgres.port());
        Delivery delivery =
            new Delivery(Configs.sink(Postgres.config(proxy.port()), table), context)) {
      delivery.onFailure = failures -> enough(failures, proxy);
      proxy.play(script(seed));
      for (long i = 0; i < BATCHES; i++) {
        delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * ROWS, ROWS), i);
      }
      assertThat(delivery.failures).isPositive();
    }
    assertThat(context.rejects()).isEmpty();
    assertThat(
            postgres.ask(
                "SELECT concat_ws(' ', count(*), count(DISTINCT sequence), min(sequence),"
                    + " max(sequence)) FROM "
                    + table))
        .containsExactly("3000 3000 0 2999");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatIsReadOverABadLineIsReadOnce(long seed, Postgres postgres) throws Exception {
    String table = "read_" + seed;
    postgres.run(
        ("CREATE TABLE %1$s (id int PRIMARY KEY, at timestamptz, v int); INSERT INTO %1$s SELECT"
                + " i, '2026-01-01Z', i FROM generate_series(0, 19999) i")
            .formatted(table));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    try (FaultProxy proxy = FaultProxy.to(postgres.port())) {
      SourceConfig config =
          Configs.source(Postgres.config(proxy.port()), table, "id").time("at").batch(500).build();
      proxy.play(script(seed + 1000));
      Optional<Position> position = Optional.empty();
      boolean more = true;
      int failures = 0;
      long end = System.nanoTime() + 60_000_000_000L;
      while (more && System.nanoTime() < end) {
        FakeSourceContext context =
            new FakeSourceContext(
                arrow.get(), new ManualClock(), position, TIMEOUT, new ArrayList<>());
        try (Reading reading = new Reading(config, context)) {
          try {
            while (more) {
              more = reading.poll();
            }
          } finally {
            rows.addAll(reading.rows);
            position = Optional.ofNullable(reading.position).or(context::position);
          }
        } catch (PluginException e) {
          assertThat(e.code().retriable()).as(e.getMessage()).isTrue();
          enough(++failures, proxy);
        }
      }
    }
    Set<Object> seen = new HashSet<>();
    rows.forEach(row -> seen.add(String.valueOf(row.get("v"))));
    assertThat(rows.size()).isEqualTo(20_000);
    assertThat(seen.size()).isEqualTo(20_000);
  }

  @Test
  void aServerThatIsKilledWhileItIsWrittenToHasEachRowOnce() throws Exception {
    FakeSinkContext context =
        new FakeSinkContext(arrow.get(), new ManualClock(), TIMEOUT, new ArrayList<>());
    try (Postgres own = Postgres.start();
        ExecutorService hand = Executors.newSingleThreadExecutor();
        Delivery delivery = new Delivery(Configs.sink(own.config(), "killed"), context)) {
      long next = 0;
      for (int life = 0; life < 2; life++) {
        for (int i = 0; i < 5; i++) {
          delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * ROWS, ROWS), next++);
        }
        Future<?> killer =
            hand.submit(() -> {
              own.kill();
              own.restart();
              return null;
            });
        while (!killer.isDone()) {
          delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * ROWS, ROWS), next++);
        }
        killer.get();
      }
      delivery.write(n -> Batches.numbers(arrow.get(), "s", 1, n * ROWS, ROWS), next++);
      assertThat(delivery.failures).isPositive();
      assertThat(
              own.ask(
                  "SELECT concat_ws(' ', count(*), count(DISTINCT sequence), max(sequence) + 1)"
                      + " FROM killed"))
          .containsExactly("%1$d %1$d %1$d".formatted(next * ROWS));
    }
    assertThat(context.rejects()).isEmpty();
  }
}
