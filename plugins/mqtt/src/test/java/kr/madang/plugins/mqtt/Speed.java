package kr.madang.plugins.mqtt;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.testkit.FakeSourceContext;
import org.apache.arrow.memory.RootAllocator;

/**
 * Messages a second and core of the source alone; broker and publisher are other processes. Prints;
 * asserts nothing. Run as {@code main}: {@code Speed [qos] [seconds] [raw|json]}, or with the
 * single argument {@code publish PORT QOS JSON} as the publisher.
 */
final class Speed {
  private Speed() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("publish")) {
      publish(
          Integer.parseInt(arguments[1]),
          Integer.parseInt(arguments[2]),
          Boolean.parseBoolean(arguments[3]));
      return;
    }
    int qos = Integer.parseInt(arguments[0]);
    int seconds = Integer.parseInt(arguments[1]);
    boolean json = arguments[2].equals("json");
    Path folder = Files.createTempDirectory("mqtt-speed");
    try (Mosquitto mosquitto =
            Mosquitto.start(
                folder,
                "max_inflight_messages 1000",
                "max_queued_messages 100000",
                "set_tcp_nodelay true");
        RootAllocator allocator = new RootAllocator(1L << 30)) {
      measure(mosquitto, allocator, qos, seconds, json);
    }
  }

  private static void measure(
      Mosquitto mosquitto, RootAllocator allocator, int qos, int seconds, boolean json)
      throws Exception {
    Subscription subscription =
        json
            ? Configs.subscription(
                "plant/{line}/+",
                qos,
                PayloadKind.JSON,
                "{line}/{2}",
                java.util.List.of(Configs.reading("/v", "{line}/{2}")),
                "/t",
                null,
                ValueType.AUTO)
            : Configs.raw("plant/#", qos, ValueType.NUMBER);
    SourceConfig config =
        Configs.source(Configs.broker(mosquitto.port(), Version.MQTT5), subscription);
    SubscribedSource source =
        (SubscribedSource) new MqttSource().open(config, new FakeSourceContext(allocator));
    Counter counter = new Counter(source, new SampleWriter(allocator));
    Thread runner =
        new Thread(
            () -> {
              try {
                source.run(counter);
              } catch (Exception e) {
                e.printStackTrace();
              }
            });
    runner.start();
    Process publisher =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                Speed.class.getName(),
                "publish",
                String.valueOf(mosquitto.port()),
                String.valueOf(qos),
                String.valueOf(json))
            .inheritIO()
            .start();
    try {
      TimeUnit.SECONDS.sleep(6);
      long rows = counter.rows.get();
      long cpu = cpu();
      long wall = System.nanoTime();
      TimeUnit.SECONDS.sleep(seconds);
      double took = (System.nanoTime() - wall) / 1e9;
      double used = (cpu() - cpu) / 1e9;
      long got = counter.rows.get() - rows;
      System.out.printf(
          "qos %d %s: %,d messages in %.1f s = %,.0f/s wall; client CPU %.2f s = %,.0f messages/s a core%n",
          qos, json ? "json" : "raw", got, took, got / took, used, got / used);
    } finally {
      publisher.destroyForcibly().waitFor();
      counter.stop = true;
      runner.join();
      source.close();
      counter.writer.close();
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean)
            ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void publish(int port, int qos, boolean json) throws Exception {
    Broker broker = Configs.broker(port, Version.MQTT5, "speed-publisher");
    Transport transport =
        Transport.open(
            broker,
            Session.passing("speed-publisher", java.util.Optional.empty(), 1 << 20),
            java.time.Duration.ofSeconds(10),
            _ -> {});
    Window window = new Window(transport, 2_000, java.time.Duration.ofSeconds(10));
    byte[] payload =
        json
            ? "{\"t\":1767225600123,\"v\":21.375}".getBytes()
            : "21.375".getBytes();
    for (long i = 0; ; i++) {
      window.send(new Outgoing("plant/line" + i % 4 + "/tag" + i % 50, payload, qos, false));
    }
  }

  private static final class Counter implements SampleEmitter {
    final AtomicLong rows = new AtomicLong();
    final SubscribedSource source;
    final SampleWriter writer;
    volatile boolean stop;

    Counter(SubscribedSource source, SampleWriter writer) {
      this.source = source;
      this.writer = writer;
    }

    @Override
    public void emit(long token, Consumer<SampleWriter> write) {
      write.accept(writer);
      rows.addAndGet(writer.rows());
      writer.take().close();
      try {
        source.accepted(token);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public boolean stopping() {
      return stop;
    }

    @Override
    public void awaitStop() {}
  }
}
