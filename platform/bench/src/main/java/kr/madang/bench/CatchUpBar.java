package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import kr.madang.engine.Durability;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.engine.Graph;
import kr.madang.engine.Pipeline;
import kr.madang.journal.Full;
import kr.madang.journal.Journals;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * A sink is away while an hour of 400 rows a second comes in, as fast as it goes, and is back while
 * 2,000 rows a second go on coming: live rows first.
 */
final class CatchUpBar implements Bar {
  private static final int HOUR = 400 * 3600;
  private static final int LIVE_ROWS = 20;
  private static final long LIVE_NANOS = 10_000_000;

  @Override
  public String name() {
    return "catchup";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    Path folder = Files.createTempDirectory("bench");
    SinkAway sink = new SinkAway();
    Feeder feeder = new Feeder();
    try (BufferAllocator allocator = new RootAllocator();
        Journals journals = Stages.journals(folder)) {
      Engine engine =
          new Engine(
              new EngineOptions(
                  allocator,
                  InstantSource.system(),
                  Stages.THREADS,
                  new Random(1),
                  folder,
                  journals));
      Pipeline pipeline = engine.start(graph(feeder, sink));
      int live = quick ? 2_000 : 20_000;
      feeder.allow(live / 4);
      await(() -> sink.rows() == live / 4);
      sink.ages();
      feeder.allow(live);
      await(() -> sink.rows() == live / 4 + live);
      long before = percentile(sink.ages());

      sink.away(true);
      long start = System.nanoTime();
      feeder.burst(HOUR);
      await(() -> feeder.given() >= HOUR);
      double ingest = HOUR / ((System.nanoTime() - start) / 1e9);
      int there = sink.rows();

      sink.away(false);
      await(() -> sink.rows() > there);
      feeder.allow(Integer.MAX_VALUE);
      start = System.nanoTime();
      int after = sink.rows();
      int liveBefore = feeder.given();
      await(() -> sink.rows() >= feeder.given() - 2 * LIVE_ROWS);
      double seconds = (System.nanoTime() - start) / 1e9;
      double drain = (sink.rows() - after) / seconds;
      double liveRate = (feeder.given() - liveBefore) / seconds;
      long during = percentile(sink.ages());
      feeder.allow(0);
      await(() -> sink.rows() == feeder.given());
      pipeline.stop(Duration.ofSeconds(10));
      pipeline.ended().get(20, TimeUnit.SECONDS);
      boolean balanced = pipeline.ledger().balanced() && pipeline.ledger().dropped() == 0;
      return List.of(
          new Figure(
              "catchup, live p99",
              during / 1e6,
              "ms",
              before / 1e6,
              "<= 2 x before",
              Double.NaN,
              during <= 2 * before && balanced),
          new Figure(
              "catchup, drain while " + Math.round(liveRate) + " live rows/s come",
              drain,
              "rows/s",
              liveRate,
              ">= 2 x ingest",
              Double.NaN,
              drain >= 2 * liveRate),
          new Figure(
              "catchup, ingest while away", ingest, "rows/s", Double.NaN, "-", Double.NaN, true));
    } finally {
      Stages.delete(folder);
    }
  }

  private static Graph graph(Feeder feeder, SinkAway sink) {
    Graph.SinkNode<?> node = Stages.sink("source", sink);
    return new Graph(
        "default",
        "bench",
        new Graph.Limits(
            256L << 20,
            16,
            Duration.ofSeconds(5),
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            0),
        new Durability.Journaled(Full.BLOCK, 4L << 30, Duration.ZERO),
        List.of(Stages.source(feeder::open)),
        List.of(),
        List.of(Stages.liveFirst(node)));
  }

  private static long percentile(long[] ages) {
    Arrays.sort(ages);
    return ages.length == 0 ? 0 : ages[(int) (ages.length * 0.99)];
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("nothing moves any more");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Gives live rows at a steady pace, with their birth as value, or old ones at once. */
  private static final class Feeder {
    private int live;
    private int old;
    private int given;

    synchronized void allow(int rows) {
      live = rows;
    }

    synchronized void burst(int rows) {
      old = rows;
    }

    synchronized int given() {
      return given;
    }

    LogSource open(SourceContext context) {
      SampleWriter writer = new SampleWriter(context.allocator());
      int tag = writer.tag("plant/f0");
      return new LogSource() {
        private long due = System.nanoTime();

        @Override
        public Poll poll(Duration atMost) {
          int rows = take();
          boolean isLive = rows < 0;
          if (isLive || rows == 0) {
            due += LIVE_NANOS;
            LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
          }
          if (rows == 0) {
            return new Poll.Idle();
          }
          long now = System.nanoTime();
          writer.receivedAt(now);
          for (int i = 0; i < Math.abs(rows); i++) {
            writer.put(tag, isLive ? now : 0, Quality.GOOD, now);
          }
          return new Poll.Rows(writer.take(), new Position(Long.toString(now)));
        }

        @Override
        public void close() {
          writer.close();
        }
      };
    }

    /** Old rows to give, below 0 for live ones. */
    private synchronized int take() {
      if (old > 0) {
        int rows = Math.min(old, 1_000);
        old -= rows;
        given += rows;
        return rows;
      }
      if (live > 0) {
        int rows = Math.min(live, LIVE_ROWS);
        live -= rows;
        given += rows;
        return -rows;
      }
      return 0;
    }
  }
}
