package kr.madang.plugins.opcua;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.testkit.FakeSourceContext;
import org.apache.arrow.memory.RootAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;

/**
 * Value changes a second and a core, run by hand: {@code Throughput client [TAGS] [SECONDS]
 * [POLICY]} starts the server as a process of its own, whose CPU is counted apart.
 */
public final class Throughput {
  private Throughput() {}

  /** Runs one side. */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("server")) {
      serve(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    } else {
      measure(
          args.length > 1 ? Integer.parseInt(args[1]) : 1_000,
          args.length > 2 ? Integer.parseInt(args[2]) : 10,
          Policy.valueOf(args.length > 3 ? args[3] : "NONE"),
          args.length > 4 ? Integer.parseInt(args[4]) : 50);
    }
  }

  private static void serve(int port, int tags, int burst) throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.port = port;
    setup.secured = true;
    PssProvider.acquire(); // Milo's server needs it as well.
    try (Plant plant = new Plant(setup)) {
      for (int i = 0; i < tags; i++) {
        plant.add("t" + i, NodeIds.Double, 0.0);
      }
      System.out.println("ready");
      Thread end =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  System.in.readAllBytes();
                } catch (java.io.IOException e) {
                  // Ended all the same.
                }
              });
      double value = 0;
      while (end.isAlive()) {
        long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        for (int round = 0; round < burst; round++) {
          plant.pushAll(++value);
        }
        java.util.concurrent.locks.LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  private static void measure(int tags, int seconds, Policy policy, int burst) throws Exception {
    int port = Plant.freePort();
    Process server =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Throughput.class.getName(),
                "server",
                String.valueOf(port),
                String.valueOf(tags),
                String.valueOf(burst))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = server.inputReader();
        RootAllocator allocator = new RootAllocator()) {
      while (!"ready".equals(lines.readLine())) {
        if (!server.isAlive()) {
          throw new IllegalStateException("the server did not start");
        }
      }
      Configs configs = new Configs("opc.tcp://127.0.0.1:" + port + "/plant");
      configs.policy = Optional.of(policy);
      configs.pki = Files.createTempDirectory("opcua");
      configs.checkHostName = false;
      configs.publishing = Duration.ofMillis(50);
      configs.queueSize = 1_000;
      for (int i = 0; i < tags; i++) {
        configs.tag("t" + i);
      }
      try (Counting counting = new Counting(trusted(configs), allocator)) {
        counting.report(5, server, "warm-up");
        counting.report(seconds, server, tags + " tags, " + policy);
      }
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private static OpcUaConfig trusted(Configs configs) throws Exception {
    OpcUaConfig config = configs.build();
    if (config.policy().orElse(Policy.NONE) != Policy.NONE) {
      try {
        Access.find(config, Duration.ofSeconds(5), Instant::now);
      } catch (kr.madang.sdk.error.PluginException e) {
        try (var rejected = Files.list(config.pki().resolve("rejected"))) {
          Path file = rejected.findFirst().orElseThrow();
          Files.move(file, config.pki().resolve("trusted").resolve(file.getFileName()));
        }
      }
    }
    return config;
  }

  /** Takes rows as the host does, and counts them. */
  private static final class Counting implements SampleEmitter, AutoCloseable {
    private final AtomicLong rows = new AtomicLong();
    private final SampleWriter writer;
    private final Thread thread;
    private volatile boolean stopping;

    Counting(OpcUaConfig config, RootAllocator allocator) {
      writer = new SampleWriter(allocator);
      FakeSourceContext context =
          new FakeSourceContext(
              allocator,
              Instant::now,
              Optional.empty(),
              Duration.ofSeconds(5),
              new CopyOnWriteArrayList<>());
      thread =
          Thread.ofPlatform()
              .start(() -> {
                try (Feed feed = Feed.open(config, context)) {
                  feed.run(this);
                } catch (Exception e) {
                  e.printStackTrace();
                }
              });
    }

    void report(int seconds, Process server, String what) throws InterruptedException {
      OperatingSystemMXBean own =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long rowsBefore = rows.get();
      long cpuBefore = own.getProcessCpuTime();
      long serverBefore = cpu(server);
      long start = System.nanoTime();
      TimeUnit.SECONDS.sleep(seconds);
      double wall = (System.nanoTime() - start) / 1e9;
      double cpu = (own.getProcessCpuTime() - cpuBefore) / 1e9;
      long changes = rows.get() - rowsBefore;
      System.out.printf(
          "%s: %,.0f changes/s; client %.2f cores, %,.0f changes/s a core; server %.2f cores%n",
          what,
          changes / wall,
          cpu / wall,
          changes / cpu,
          (cpu(server) - serverBefore) / 1e9 / wall);
    }

    private static long cpu(Process process) {
      return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    @Override
    public void emit(long token, Consumer<SampleWriter> out) {
      out.accept(writer);
      rows.addAndGet(writer.rows());
      writer.take().close();
    }

    @Override
    public boolean stopping() {
      return stopping;
    }

    @Override
    public void awaitStop() {
      throw new UnsupportedOperationException("not used");
    }

    @Override
    public void close() throws InterruptedException {
      stopping = true;
      thread.join();
      writer.close();
    }
  }
}
