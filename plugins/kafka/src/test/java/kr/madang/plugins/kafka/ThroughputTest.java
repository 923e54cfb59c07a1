package kr.madang.plugins.kafka;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prints figures; by hand: {@code -Dmadang.throughput=true -Dtest=ThroughputTest}. */
@EnabledIfSystemProperty(named = "madang.throughput", matches = "true")
class ThroughputTest {
  private static final int ROWS = 4_000_000;
  private static final int BATCH = 8_192;
  private static final int WARM = ROWS / 4;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void recordsOfKafka() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start()) {
      for (String form : new String[] {"json", "json-transactional", "arrow"}) {
        broker.topic(form, 1);
        Configs.Sink sink = Configs.sink(broker.direct(), form);
        sink = form.endsWith("transactional") ? sink.transactional() : sink;
        sink = form.equals("arrow") ? sink.arrow() : sink;
        write(broker, form, sink.build());
        Configs.Source source = Configs.source(broker.direct(), form).batch(10_000);
        read(broker, form, (form.equals("arrow") ? source.arrow() : source).build());
      }
    }
  }

  private void write(KafkaBroker broker, String form, SinkConfig config) throws Exception {
    FakeSinkContext context =
        new FakeSinkContext(
            arrow.get(), InstantSource.system(), Duration.ofSeconds(30), new ArrayList<>());
    Measure measure = new Measure(broker);
    try (Sink open = new KafkaSink().open(config, Samples.SCHEMA, context)) {
      for (long at = 0; at < ROWS; at += BATCH) {
        try (Batch rows = Batches.numbers(arrow.get(), "s", 1, at, BATCH)) {
          open.write(rows);
        }
        if (measure.from == 0 && at >= WARM) {
          measure.begin(at + BATCH);
        }
      }
      measure.end("sink, " + form, ROWS);
    }
  }

  private void read(KafkaBroker broker, String form, SourceConfig config) throws Exception {
    FakeSourceContext context =
        new FakeSourceContext(
            arrow.get(),
            InstantSource.system(),
            Optional.empty(),
            Duration.ofSeconds(30),
            new ArrayList<>());
    Measure measure = new Measure(broker);
    try (LogSource open = (LogSource) new KafkaSource().open(config, context)) {
      long read = 0;
      while (read < ROWS) {
        if (open.poll(Duration.ofSeconds(1)) instanceof Poll.Rows rows) {
          read += rows.batch().rows();
          rows.batch().close();
          if (measure.from == 0 && read >= WARM) {
            measure.begin(read);
          }
        }
      }
      measure.end("source, " + form, read);
    }
  }

  /** Time and CPU of this process and of the broker. */
  private static final class Measure {
    private final KafkaBroker broker;
    private long from;
    private long start;
    private long client;
    private Duration server = Duration.ZERO;

    Measure(KafkaBroker broker) {
      this.broker = broker;
    }

    void begin(long row) {
      from = row;
      server = broker.cpu();
      client = cpu();
      start = System.nanoTime();
    }

    void end(String what, long rows) {
      double seconds = (System.nanoTime() - start) / 1e9;
      double clientSeconds = (cpu() - client) / 1e9;
      double serverSeconds = broker.cpu().minus(server).toNanos() / 1e9;
      double count = rows - from;
      System.out.printf(
          "kafka %s: %,.0f rows/s; client %.2f, server %.2f cores; %,.0f rows/s a core of the"
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
