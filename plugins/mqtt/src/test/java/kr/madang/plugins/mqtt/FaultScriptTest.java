package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import kr.madang.sdk.testkit.proxy.FaultScript;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The source behind a proxy that misbehaves by a seed: after it the stream goes on within 30 s, no
 * stale value is good, nothing accepted by the broker is missing, no thread is left. {@code
 * -Dmadang.scripts=50} for the whole series.
 */
@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class FaultScriptTest {
  private static final long BASE = 1_767_225_600_000L;
  private static final Duration SCRIPT = Duration.ofMillis(1_000);
  private static final List<Fault> FAULTS =
      List.of(
          new Fault.Pass(),
          new Fault.Refuse(),
          new Fault.Reset(),
          new Fault.Finish(),
          new Fault.HalfOpen(),
          new Fault.StallAfter(1_500),
          new Fault.Trickle(Duration.ZERO),
          new Fault.Delay(Duration.ofMillis(20)),
          new Fault.Flap(5, 50, 5_000));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  static IntStream seeds() {
    return IntStream.range(0, Integer.getInteger("madang.scripts", 2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theStreamResumesAndNothingIsMissing(int seed) throws Exception {
    run(seed, FAULTS, true);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theStreamResumesAfterGarbage(int seed) throws Exception {
    // Bytes that are changed on the way can acknowledge what never came, so what is missing does
    // not count.
    run(
        seed,
        List.of(
            new Fault.Garbage(seed, 0.01), new Fault.Garbage(seed + 100, 0.2), new Fault.Pass()),
        false);
  }

  private void run(int seed, List<Fault> faults, boolean complete) throws Exception {
    Version version = Version.values()[seed % 2];
    try (Mosquitto mosquitto = Mosquitto.start(folder, "max_queued_messages 0");
        FaultProxy proxy = FaultProxy.to(mosquitto.port());
        Publisher publisher = new Publisher(mosquitto.port());
        Life life = new Life(config(proxy.port(), version))) {
      Await.until(
          "the subscription stands",
          () -> {
            publisher.say("p/ready", "{\"v\":-1,\"time\":" + BASE + "}");
            return life.count() > 0;
          });
      proxy.play(new FaultScript(seed, Duration.ofMillis(50), Duration.ofMillis(300), faults));
      long end = System.nanoTime() + SCRIPT.toNanos();
      int sent = 0;
      while (System.nanoTime() < end) {
        say(publisher, sent++);
        LockSupport.parkNanos(1_000_000);
      }
      proxy.set(new Fault.Pass());
      proxy.cut();
      int last = sent;
      Await.until(
          "the stream goes on (seed " + seed + "): " + life.trouble(),
          Duration.ofSeconds(30),
          () -> {
            say(publisher, last);
            return life.values().contains(last);
          });
      if (complete) {
        Await.until(
            "nothing is missing (seed " + seed + ")",
            Duration.ofSeconds(30),
            () -> life.values().containsAll(IntStream.range(0, last).boxed().toList()));
        life.checkTimes();
      }
    }
    Await.until("the library holds no event loop", () -> LeakTest.loops() == 0);
    Await.until(
        "no thread is left",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("mqtt-")));
  }

  private static void say(Publisher publisher, int number) throws InterruptedException {
    String json = "{\"v\":" + number + ",\"time\":" + (BASE + number) + "}";
    publisher.say("p/a", json.getBytes(StandardCharsets.UTF_8), 1, false);
  }

  private static SourceConfig config(int port, Version version) {
    Broker broker =
        new Broker(
            "127.0.0.1",
            Optional.of(port),
            version,
            Optional.of("script"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(1),
            Optional.of(Duration.ofMillis(1_000)));
    return Configs.source(
        broker,
        Configs.subscription(
            "p/+",
            1,
            PayloadKind.JSON,
            "v",
            List.of(Configs.reading("/v", "v", ValueType.NUMBER)),
            "/time",
            null,
            ValueType.AUTO));
  }

  /** Opens the source again and again, as the host does. */
  private final class Life implements AutoCloseable {
    private final SourceConfig config;
    private final FakeSourceContext context = new FakeSourceContext(arrow.get());
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger lives = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> trouble = new AtomicReference<>();
    private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    private final AtomicReference<@Nullable Host> current = new AtomicReference<>();
    private final FutureTask<Void> task = new FutureTask<>(this::live, null);
    private final Thread thread = new Thread(task, "life");

    Life(SourceConfig config) {
      this.config = config;
      thread.start();
    }

    private void live() {
      while (!over.get()) {
        try (Host host = Host.of(new MqttSource(), config, context)) {
          lives.incrementAndGet();
          current.set(host);
          while (host.running() && !over.get()) {
            LockSupport.parkNanos(2_000_000);
          }
          trouble.set(host.failure());
          synchronized (rows) {
            current.set(null);
            rows.addAll(host.rows());
          }
        } catch (PluginException e) {
          assertThat(e.code().retriable()).as(e.getMessage()).isTrue();
          trouble.set(e);
        } catch (Exception e) {
          throw new AssertionError(e);
        }
        LockSupport.parkNanos(30_000_000);
      }
    }

    private List<Map<String, @Nullable Object>> all() {
      synchronized (rows) {
        List<Map<String, @Nullable Object>> all = new ArrayList<>(rows);
        Host host = current.get();
        if (host != null) {
          all.addAll(host.rows());
        }
        return all;
      }
    }

    int count() {
      return all().size();
    }

    String trouble() {
      return lives + " lives, " + trouble.get();
    }

    Set<Integer> values() throws InterruptedException, ExecutionException {
      if (task.isDone()) {
        task.get();
      }
      Set<Integer> values = new HashSet<>();
      for (Map<String, @Nullable Object> row : all()) {
        if (row.get("value") instanceof Double value) {
          values.add(value.intValue());
        }
      }
      return values;
    }

    /** A good value carries the time at which it was true, however late it came. */
    void checkTimes() {
      for (Map<String, @Nullable Object> row : all()) {
        if (row.get("value") instanceof Double value && value >= 0) {
          assertThat(row)
              .containsEntry("status", 0)
              .containsEntry("sourceTime", (BASE + value.longValue()) * 1_000_000);
        }
      }
    }

    @Override
    public void close() throws Exception {
      over.set(true);
      thread.join();
      task.get();
    }
  }
}
