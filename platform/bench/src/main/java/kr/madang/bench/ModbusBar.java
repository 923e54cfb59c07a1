package kr.madang.bench;

import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.engine.Graph;
import kr.madang.engine.Pipeline;
import kr.madang.plugins.modbus.ModbusPlugin;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Polling over TCP on loopback, the device in another process; CPU of this process alone. */
final class ModbusBar implements Bar {
  private static final int TAGS = 30;
  private static final int CONNECTIONS = 500;

  @Override
  public String name() {
    return "modbus";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    try (Peer peer = Peer.own(ModbusPeer.class)) {
      int seconds = quick ? 5 : 20;
      // Full speed first: a factory polls for months, so the paced run should find compiled code.
      Run flatOut = run(peer.port(), 1, "0s", seconds);
      Run paced = run(peer.port(), CONNECTIONS, "1s", seconds);
      double cores = paced.cpu / paced.seconds;
      double speed = flatOut.values / flatOut.cpu;
      return List.of(
          new Figure(
              "modbus %d connections x %d tags/s (%.0f tags/s seen)"
                  .formatted(CONNECTIONS, TAGS, paced.values / paced.seconds),
              cores,
              "cores",
              Double.NaN,
              "<= 0.15",
              paced.cpu * 1e6 / (paced.values / TAGS),
              cores <= 0.15),
          new Figure(
              "modbus full speed",
              speed,
              "tags/s a core",
              Double.NaN,
              ">= 200000",
              flatOut.cpu * 1e6 / (flatOut.values / TAGS),
              speed >= 2e5));
    }
  }

  private record Run(double values, double cpu, double seconds) {}

  private static Run run(int port, int connections, String every, int seconds) throws Exception {
    StringBuilder config =
        new StringBuilder(
            "{ host: 127.0.0.1, port: %d, every: %s, registers: [".formatted(port, every));
    for (int tag = 0; tag < TAGS; tag++) {
      config.append(
          "{ tag: t%d, table: holding, address: %d, type: float32 },".formatted(tag, 2 * tag));
    }
    config.append("] }");
    SourceFactory<?> factory = new ModbusPlugin().sources().get(0);
    List<Graph.SourceNode<?>> sources = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      names.add("source" + i);
      sources.add(bound(factory, "source" + i, config.toString()));
    }
    AtomicLong values = new AtomicLong();
    Graph.SinkNode<?> sink = Stages.sink("", batch -> values.addAndGet(batch.rows()));
    try (BufferAllocator allocator = new RootAllocator()) {
      Engine engine =
          new Engine(
              new EngineOptions(
                  allocator,
                  InstantSource.system(),
                  Stages.THREADS,
                  new Random(1),
                  Files.createTempDirectory("bench"),
                  Stages.journals(Files.createTempDirectory("bench"))));
      Pipeline pipeline =
          engine.start(
              new Graph(
                  "default",
                  "bench",
                  Graph.Limits.DEFAULT,
                  sources,
                  List.of(),
                  List.of(from(sink, names))));
      CountDownLatch never = new CountDownLatch(1);
      never.await(4, TimeUnit.SECONDS);
      long start = System.nanoTime();
      long cpu = Cpu.process();
      long before = values.get();
      never.await(seconds, TimeUnit.SECONDS);
      double took = (System.nanoTime() - start) / 1e9;
      Run run = new Run(values.get() - before, (Cpu.process() - cpu) / 1e9, took);
      pipeline.stop(Duration.ofSeconds(10));
      pipeline.ended().get(30, TimeUnit.SECONDS);
      engine.forget("default", "bench");
      return run;
    }
  }

  private static <C> Graph.SinkNode<C> from(Graph.SinkNode<C> sink, List<String> names) {
    return new Graph.SinkNode<>(sink.name(), names, sink.factory(), sink.config(), sink.threads());
  }

  private static <C> Graph.SourceNode<C> bound(SourceFactory<C> factory, String name, String yaml) {
    return new Graph.SourceNode<>(
        name, factory, Stages.config(yaml, factory.config()), Stages.THREADS);
  }
}
