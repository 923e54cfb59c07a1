package kr.madang.plugins.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
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
                "max_inflight_messages " + Integer.getInteger("inflight", 500),
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
        Configs.source(
            Configs.broker(mosquitto.port(), Version.MQTT5),
            Integer.getInteger("receiveMaximum", 1_000),
            1 << 20,
            10_000,
            subscription);
    SubscribedSource source =
        (SubscribedSource) new MqttSource().open(config, new FakeSourceContext(allocator));
    Counter counter = new Counter(source, new SampleWriter(allocator));
    Thread runner =
        new Thread(() -> {
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
      TimeUnit.SECONDS.sleep(Integer.getInteger("warm", 6));
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
      counter.pump.join();
      source.close();
      counter.writer.close();
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Writes packets as they are, many at once: the publisher must not be what is measured. */
  private static void publish(int port, int qos, boolean json) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      byte[] connect = {16, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'p'};
      out.write(connect);
      in.readNBytes(4);
      Semaphore free = new Semaphore(2_000);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            byte[] buffer = new byte[65_536];
            int rest = 0;
            try {
              for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                rest += got;
                free.release(rest / 4);
                rest %= 4;
              }
            } catch (IOException e) {
              System.exit(1);
            }
          });
      ByteArrayOutputStream packets = new ByteArrayOutputStream();
      int id = 1;
      for (int i = 0; ; i++) {
        packets.reset();
        for (int j = 0; j < 500; j++, i++) {
          byte[] topic = ("plant/line" + i % 4 + "/tag" + i % 50).getBytes();
          byte[] payload = (json ? "{\"t\":1767225600123,\"v\":21.375}" : "21.375").getBytes();
          packets.write(0x30 | qos << 1);
          packets.write(2 + topic.length + payload.length + (qos > 0 ? 2 : 0));
          packets.write(0);
          packets.write(topic.length);
          packets.writeBytes(topic);
          if (qos > 0) {
            packets.write(id >> 8);
            packets.write(id);
            id = id == 65_535 ? 1 : id + 1;
          }
          packets.writeBytes(payload);
        }
        if (qos > 0) {
          free.acquire(500);
        }
        packets.writeTo(out);
      }
    }
  }

  /** Gathers rows and brings them on the way on a second thread, as the engine does. */
  private static final class Counter implements SampleEmitter {
    final AtomicLong rows = new AtomicLong();
    final SubscribedSource source;
    final SampleWriter writer;
    final Thread pump = new Thread(this::pump);
    long token;
    volatile boolean stop;

    Counter(SubscribedSource source, SampleWriter writer) {
      this.source = source;
      this.writer = writer;
      pump.start();
    }

    @Override
    public synchronized void emit(long next, Consumer<SampleWriter> write)
        throws InterruptedException {
      while (writer.rows() > 8_192) {
        wait();
      }
      write.accept(writer);
      token = next;
    }

    private void pump() {
      try {
        while (!stop) {
          TimeUnit.MILLISECONDS.sleep(4);
          long upTo;
          synchronized (this) {
            if (writer.rows() == 0) {
              continue;
            }
            upTo = token;
            rows.addAndGet(writer.rows());
            writer.take().close();
            notifyAll();
          }
          source.accepted(upTo);
        }
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
