package kr.madang.plugins.kafka;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The library alone, for {@code platform/bench}: {@code BareClient write|read PORT TOPIC ROWS}.
 * Writes records as long as ours, which are all the same, or reads records and looks at none.
 * Prints the records of the second half for each second of CPU.
 */
final class BareClient {
  private static final byte[] VALUE =
      ("{\"tag\":\"line1/tag31\",\"value\":21.375,\"status\":0,"
              + "\"sourceTime\":\"2026-01-01T00:00:00.123456789Z\","
              + "\"receiveTime\":\"2026-01-01T00:00:00.123456789Z\"}")
          .getBytes(StandardCharsets.UTF_8);

  private final long rows;
  private long row;
  private long from;
  private long cpu;

  private BareClient(long rows) {
    this.rows = rows;
  }

  public static void main(String[] arguments) throws Exception {
    BareClient client = new BareClient(Long.parseLong(arguments[3]));
    Map<String, Object> properties =
        new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + arguments[1]));
    if (arguments[0].equals("write")) {
      client.write(properties, arguments[2]);
    } else {
      client.read(properties, arguments[2]);
    }
    System.out.printf("%.0f%n", (client.row - client.from) / ((cpu() - client.cpu) / 1e9));
    System.exit(0);
  }

  private void write(Map<String, Object> properties, String topic) {
    properties.putAll(
        Map.of(
            "acks",
            "all",
            "batch.size",
            256 << 10,
            "linger.ms",
            5,
            "max.request.size",
            1 << 20,
            "buffer.memory",
            32 << 20));
    // An old time would let the broker's retention take the records at once.
    long now = System.currentTimeMillis();
    byte[] key = "line1/tag31".getBytes(StandardCharsets.UTF_8);
    Header[] headers = new Header[Integer.getInteger("headers", 4)];
    for (int i = 0; i < headers.length; i++) {
      headers[i] =
          new RecordHeader("madang-sequence", "1234567".getBytes(StandardCharsets.US_ASCII));
    }
    try (KafkaProducer<byte[], byte[]> producer = Clients.producer(properties)) {
      for (; row < rows; passed(1)) {
        producer.send(
            new ProducerRecord<>(topic, null, now, key, VALUE, new RecordHeaders(headers)),
            (_, e) -> {
              if (e != null) {
                throw new IllegalStateException(e);
              }
            });
        if (row % 8192 == 8191) {
          producer.flush();
        }
      }
    }
  }

  private void read(Map<String, Object> properties, String topic) {
    properties.put("max.poll.records", 10_000);
    try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(properties)) {
      TopicPartition all = new TopicPartition(topic, 0);
      consumer.assign(List.of(all));
      consumer.seekToBeginning(List.of(all));
      while (row < rows) {
        int more = consumer.poll(Duration.ofSeconds(20)).count();
        if (more == 0) {
          throw new IllegalStateException(row + " records are there, expected " + rows);
        }
        passed(more);
      }
    }
  }

  private void passed(int more) {
    row += more;
    if (cpu == 0 && row >= rows / 2) {
      from = row;
      cpu = cpu();
    }
  }

  private static long cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
