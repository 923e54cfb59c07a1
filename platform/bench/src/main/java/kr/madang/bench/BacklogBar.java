package kr.madang.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import kr.madang.engine.Durability;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.engine.Graph;
import kr.madang.engine.Pipeline;
import kr.madang.journal.Full;
import kr.madang.journal.Journals;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** How long after the start of a process the first row of a great backlog goes out. */
final class BacklogBar implements Bar {
  private static final int ROWS = 8_192;

  @Override
  public String name() {
    return "backlog";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    long bytes = quick ? 1L << 30 : 10L << 30;
    Path folder = Files.createTempDirectory("bench");
    try {
      pileUp(folder, bytes);
      double seconds = Double.parseDouble(restart(folder));
      return List.of(
          new Figure(
              "first row out of a backlog of " + (bytes >> 30) + " GiB",
              seconds,
              "s",
              Double.NaN,
              "<= 5",
              Double.NaN,
              seconds <= 5));
    } finally {
      Stages.delete(folder);
    }
  }

  private static void pileUp(Path folder, long bytes) throws Exception {
    try (BufferAllocator allocator = new RootAllocator();
        Journals journals = Stages.journals(folder)) {
      Pipeline pipeline =
          engine(allocator, folder, journals)
              .start(
                  graph(
                      false,
                      _ -> {
                        throw new PluginException(ErrorCode.UNREACHABLE, "away");
                      }));
      while (piledUp(journals) < bytes) {
        if (pipeline.ended().isDone()) {
          throw new IllegalStateException(pipeline.status().toString());
        }
        LockSupport.parkNanos(50_000_000);
      }
      pipeline.stop(Duration.ofSeconds(5));
      pipeline.ended().get(30, TimeUnit.SECONDS);
    }
  }

  private static long piledUp(Journals journals) {
    return journals
        .of("default")
        .find("bench/sink")
        .map(stream -> stream.status().bytes())
        .orElse(0L);
  }

  private static String restart(Path folder) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            BacklogBar.class.getName(),
            folder.toString());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String last = "NaN";
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        last = line;
      }
      process.waitFor(60, TimeUnit.SECONDS);
      return last;
    }
  }

  /** The process that starts again: prints the seconds since its own start. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    CountDownLatch first = new CountDownLatch(1);
    BufferAllocator allocator = new RootAllocator();
    Journals journals = Stages.journals(folder);
    engine(allocator, folder, journals).start(graph(true, _ -> first.countDown()));
    if (first.await(60, TimeUnit.SECONDS)) {
      long started = ManagementFactory.getRuntimeMXBean().getStartTime();
      System.out.println((System.currentTimeMillis() - started) / 1000.0);
    }
    Runtime.getRuntime().halt(0);
  }

  private static Engine engine(BufferAllocator allocator, Path folder, Journals journals) {
    return new Engine(
        new EngineOptions(
            allocator, InstantSource.system(), Stages.THREADS, new Random(1), folder, journals));
  }

  private static Graph graph(boolean quiet, Sink sink) {
    return new Graph(
        "default",
        "bench",
        Graph.Limits.DEFAULT,
        new Durability.Journaled(Full.BLOCK, 12L << 30, Duration.ZERO),
        List.of(
            Stages.source(context -> {
              SampleWriter writer = new SampleWriter(context.allocator());
              int tag = writer.tag("plant/f0");
              return new LogSource() {
                @Override
                public Poll poll(Duration atMost) {
                  if (quiet) {
                    LockSupport.parkNanos(atMost.toNanos());
                    return new Poll.Idle();
                  }
                  for (int i = 0; i < ROWS; i++) {
                    writer.put(tag, i, Quality.GOOD, i);
                  }
                  return new Poll.Rows(writer.take(), new Position("x"));
                }

                @Override
                public void close() {
                  writer.close();
                }
              };
            })),
        List.of(),
        List.of(Stages.sink("source", sink)));
  }
}
