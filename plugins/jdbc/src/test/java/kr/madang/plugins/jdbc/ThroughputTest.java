package kr.madang.plugins.jdbc;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prints figures; by hand: {@code -Dmadang.throughput=true -Dtest=ThroughputTest}. */
@EnabledIfSystemProperty(named = "madang.throughput", matches = "true")
class ThroughputTest {
  private static final int ROWS = 1_000_000;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void rowsOfPostgres() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      for (int batch : new int[] {1024, 8192}) {
        String table = "rows" + batch;
        Measure sink = new Measure(postgres);
        try (Sink open =
            new JdbcSink()
                .open(
                    Configs.sink(postgres.config(), table),
                    Samples.SCHEMA,
                    new FakeSinkContext(arrow.get(), new ManualClock()))) {
          for (long at = 0; at < ROWS; at += batch) {
            try (Batch rows = Batches.numbers(arrow.get(), "s", 1, at, batch)) {
              open.write(rows);
            }
            if (at == 50L * batch) {
              sink.begin(at + batch);
            }
          }
          sink.end("sink, batches of " + batch, ROWS);
        }
        postgres.run("CREATE INDEX ON " + table + " (sequence, stream)");
        SourceConfig config =
            Configs.source(postgres.config(), table, "sequence")
                .unique("stream")
                .time("source_time_ns")
                .samples("tag", List.of("value"), Optional.of("status"))
                .batch(batch)
                .build();
        Measure source = new Measure(postgres);
        try (LogSource open =
            (LogSource) new JdbcSource().open(config, new FakeSourceContext(arrow.get()))) {
          long read = 0;
          boolean begun = false;
          while (open.poll(Duration.ofSeconds(1)) instanceof Poll.Rows rows) {
            read += rows.batch().rows();
            rows.batch().close();
            if (!begun && read >= 50L * batch) {
              source.begin(read);
              begun = true;
            }
          }
          source.end("source, batches of " + batch, read);
        }
      }
    }
  }

  /** Time and CPU of this process and of the server. */
  private static final class Measure {
    private final Postgres postgres;
    private long from;
    private long start;
    private long client;
    private Duration server = Duration.ZERO;

    Measure(Postgres postgres) {
      this.postgres = postgres;
    }

    void begin(long row) throws Exception {
      from = row;
      server = postgres.cpu();
      client = cpu();
      start = System.nanoTime();
    }

    void end(String what, long rows) throws Exception {
      double seconds = (System.nanoTime() - start) / 1e9;
      double clientSeconds = (cpu() - client) / 1e9;
      double serverSeconds = postgres.cpu().minus(server).toNanos() / 1e9;
      double count = rows - from;
      System.out.printf(
          "postgresql %s: %,.0f rows/s; client %.2f, server %.2f cores; %,.0f rows/s a core of the"
              + " client%n",
          what,
          count / seconds,
          clientSeconds / seconds,
          serverSeconds / seconds,
          count / clientSeconds);
    }

    private static long cpu() {
      return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }
  }
}
