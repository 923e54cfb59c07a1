package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The source behind a proxy that misbehaves by a seed, opened again after each failure as the host
 * does it: a value that is not the one of this round is never Good, after the script the rounds go
 * on within 30 s, no thread is left. {@code -Dmadang.scripts=50} for the whole series.
 */
@Isolated
class FaultScriptTest {
  private static final Duration SCRIPT = Duration.ofMillis(1_200);
  private static final List<Fault> FAULTS =
      List.of(
          new Fault.Pass(),
          new Fault.Refuse(),
          new Fault.Reset(),
          new Fault.Finish(),
          new Fault.HalfOpen(),
          new Fault.StallAfter(40),
          new Fault.Trickle(Duration.ZERO),
          new Fault.Delay(Duration.ofMillis(80)),
          new Fault.Flap(5, 20, 200));
  private static final Register[] REGISTERS = {
    register("a", Table.HOLDING, 0, Type.UINT32),
    register("b", Table.HOLDING, 1_000, Type.UINT32),
    register("c", Table.INPUT, 5, Type.UINT16, 2)
  };

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  private @Nullable Opened opened;
  private int number;

  static IntStream seeds() {
    return IntStream.range(0, Integer.getInteger("madang.scripts", 3));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noRoundGivesAValueOfAnother(int seed) throws Exception {
    run(seed, FAULTS, true);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theRoundsGoOnAfterGarbage(int seed) throws Exception {
    // The protocol has no checksum: a value changed on the way cannot be known.
    run(
        seed,
        List.of(new Fault.Garbage(seed, 0.02), new Fault.Garbage(seed, 0.3), new Fault.Pass()),
        false);
  }

  private void run(int seed, List<Fault> faults, boolean exact) throws Exception {
    Set<Thread> before = threads();
    try (ModbusDevice device = ModbusDevice.start().unit(1).unit(2);
        FaultProxy proxy = FaultProxy.to(device.port())) {
      ModbusConfig config = Configs.config(proxy.port(), Duration.ofMillis(150), 0, 125, REGISTERS);
      proxy.play(new FaultScript(seed, Duration.ofMillis(5), Duration.ofMillis(150), faults));
      long end = System.nanoTime() + SCRIPT.toNanos();
      int good = 0;
      while (System.nanoTime() < end) {
        good += round(device, config, exact) ? 1 : 0;
      }
      proxy.set(new Fault.Pass());
      proxy.cut();
      Await.until(
          "rounds go on after " + good + " good ones, seed " + seed,
          Duration.ofSeconds(30),
          () -> round(device, config, true));
    } finally {
      close();
    }
    Await.until("no thread is left", () -> before.containsAll(threads()));
  }

  /** True if the round was good in all. */
  private boolean round(ModbusDevice device, ModbusConfig config, boolean exact) throws Exception {
    int now = ++number;
    device.holding(1, 0, now >> 16, now & 0xFFFF);
    device.holding(1, 1_000, now >> 16, now & 0xFFFF);
    device.input(2, 5, now & 0xFFFF);
    try {
      Opened open = opened;
      if (open == null) {
        open = new Opened(config, arrow.get());
        opened = open;
      }
      Map<String, Object> values = open.round();
      boolean good = values.values().stream().allMatch(value -> value instanceof Double);
      if (exact) {
        values.forEach((tag, value) -> {
          if (value instanceof Double got) {
            assertThat(got).as(tag + " in round " + now).isEqualTo(now);
          }
        });
      }
      return good;
    } catch (PluginException e) {
      assertThat(e.code().retriable()).as("%s", e).isTrue();
      close();
      LockSupport.parkNanos(5_000_000);
      return false;
    }
  }

  private void close() throws Exception {
    Opened open = opened;
    opened = null;
    if (open != null) {
      open.close();
    }
  }

  // Threads of the server come and go.
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().startsWith("modbus-"))
        .filter(thread -> !thread.getName().startsWith("nioEventLoop"))
        .collect(Collectors.toSet());
  }
}
