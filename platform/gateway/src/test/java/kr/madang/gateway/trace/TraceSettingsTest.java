package kr.madang.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class TraceSettingsTest {
  private static final int THREADS = 8;
  private static final int EACH = 20_000;

  private static long yes(BooleanSupplier asked) {
    LongAdder yes = new LongAdder();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int i = 0; i < THREADS; i++) {
        threads.execute(() -> {
          for (int j = 0; j < EACH; j++) {
            if (asked.getAsBoolean()) {
              yes.increment();
            }
          }
        });
      }
    }
    return yes.sum();
  }

  @Test
  void theRateAndTheCountAreExactFromManyThreads() {
    Pace pace = Pace.every(7);
    assertThat(yes(pace::next)).isEqualTo(THREADS * EACH / 7);
    Quota quota = new Quota(1_234);
    assertThat(yes(quota::take)).isEqualTo(1_234);
    assertThat(quota.left()).isZero();
    assertThat(yes(new Quota(Quota.ANY)::take)).isEqualTo(THREADS * EACH);
  }

  @Test
  void theShareOfTheConfigurationIsShownAsTheNearestRate() {
    Map<Double, String> shown =
        Map.of(0.0, "0", 1.0, "1", 0.01, "100", 0.3, "3", 0.9, "1", Double.MIN_VALUE, "2147483647");
    shown.forEach((sample, rate) ->
        assertThat(new TraceSettings(true, sample).of("").get("trace_rate"))
            .as("%s", sample)
            .containsExactly(rate));
  }

  @Test
  void aCallThatIsNotTracedMakesNoObjects() {
    Executor background = work -> Thread.ofVirtual().start(work);
    Telemetry nowhere = new Telemetry(URI.create("http://127.0.0.1:9"), 0);
    try (Tracing tracing =
        Tracing.open(Optional.of(nowhere), "0.1.0", InstantSource.system(), background)) {
      String none = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
      tracing.settings().change("off", Map.of("trace_level", List.of("OFF")));
      tracing.settings().change("rare", Map.of("trace_rate", List.of("2147483647")));
      tracing.settings().change("spent", Map.of("trace_count", List.of("0")));
      String[] models = {"off", "rare", "spent", "as all"};
      ThreadMXBean heap = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      heap.getCurrentThreadAllocatedBytes();
      long before = heap.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 40_000; i++) {
        String parent = i % 2 == 0 ? none : null;
        assertNothing(tracing.begin(CallTrace.Door.HTTP, parent, models[i % 4], i));
        assertNothing(tracing.begin(CallTrace.Door.HTTP, null, models[i % 4], i));
      }
      assertThat(heap.getCurrentThreadAllocatedBytes() - before).isLessThan(40_000);
    }
  }

  private static void assertNothing(Object trace) {
    if (trace != null) {
      throw new AssertionError("it is traced");
    }
  }
}
