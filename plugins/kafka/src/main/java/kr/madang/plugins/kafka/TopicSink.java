package kr.madang.plugins.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Sends the records of a batch and waits until all in-sync replicas have them. */
final class TopicSink implements Sink {
  /** What a record costs beside its key and value, headers included. */
  static final int OVERHEAD = 600;

  /**
   * What a batch of one record costs beside key, value and headers, and a header beside its own.
   */
  private static final int BATCH = 61 + 21;

  private static final int HEADER = 2 * 5;
  private static final String SEQUENCE = "madang-sequence";
  private static final long LOOK_AFTER = TimeUnit.SECONDS.toNanos(15);

  /** How much later than promised the library gives up a record. */
  private static final Duration GIVING_UP = Duration.ofSeconds(1);

  /** How rows are told apart that the broker has refused while others were under way. */
  private record Refused(int first, int rows, String why) {}

  private final SinkConfig config;
  private final int largest;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Flushing flushing;
  private final Encoder encoder;
  private final SinkContext context;
  private final String target;
  private final Duration timeout;
  private final Header workspace;
  private final @Nullable Progress progress;
  private final ConsumerGroupMetadata group;
  private final TopicPartition mark;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final List<Refused> tooLarge = new ArrayList<>();
  private long spoken = System.nanoTime();

  /**
   * A sink.
   *
   * @param largest bytes of a batch that the broker takes; longer records are not sent
   * @param progress how far it came before; null without transactions
   */
  TopicSink(
      SinkConfig config,
      int largest,
      KafkaProducer<byte[], byte[]> producer,
      Encoder encoder,
      SinkContext context,
      @Nullable Progress progress,
      ConsumerGroupMetadata group) {
    this.config = config;
    this.largest = largest;
    this.producer = producer;
    this.encoder = encoder;
    this.context = context;
    this.target = config.cluster().target() + ", topic " + config.topic();
    this.timeout = context.timeout();
    this.flushing =
        new Flushing(producer, timeout.plus(config.linger()).plus(GIVING_UP), context.name());
    this.progress = progress;
    this.group = group;
    this.mark = new TopicPartition(config.topic(), 0);
    int slash = context.name().indexOf('/');
    this.workspace =
        header("madang-workspace", slash < 0 ? context.name() : context.name().substring(0, slash));
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] digits(long number) {
    int length = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      length++;
    }
    byte[] digits = new byte[length];
    for (long rest = number; length > 0; rest /= 10) {
      digits[--length] = (byte) ('0' + rest % 10);
    }
    return digits;
  }

  @Override
  public void write(Batch batch) throws Exception {
    int from = progress == null ? 0 : progress.known(batch);
    if (from >= batch.rows()) {
      return;
    }
    TreeMap<Integer, Refused> refused = new TreeMap<>();
    try {
      // Each turn finds at least one record that the broker does not take, or is the last.
      while (!send(batch, from, refused)) {}
    } catch (KafkaException e) {
      throw Failures.running(target, e);
    }
    for (Refused each : refused.values()) {
      BitSet rows = new BitSet();
      rows.set(each.first, each.first + each.rows);
      context.reject(batch, rows, target + ": " + each.why);
    }
    spoken = System.nanoTime();
  }

  private boolean send(Batch batch, int from, TreeMap<Integer, Refused> refused) throws Exception {
    failure.set(null);
    synchronized (tooLarge) {
      tooLarge.clear();
    }
    Progress reached = progress;
    if (reached != null) {
      producer.beginTransaction();
    }
    Header stream = header("madang-stream", batch.stream());
    Header epoch = header("madang-epoch", Long.toString(batch.epoch()));
    long now = context.clock().millis();
    int constant = BATCH + HEADER + SEQUENCE.length();
    for (Header header : List.of(workspace, stream, epoch)) {
      constant += HEADER + header.key().length() + header.value().length;
    }
    int overhead = constant;
    encoder.encode(
        batch,
        from,
        (key, value, first, rows) -> {
          if (failure.get() != null || (!refused.isEmpty() && refused.containsKey(first))) {
            // after a failure all are written again; each that is sent may wait for its time-out
            return;
          }
          int size = value.length + (key == null ? 0 : key.length) + OVERHEAD;
          if (size > config.maxRecord()) {
            refused.put(
                first,
                new Refused(
                    first,
                    rows,
                    "maxRecord: expected at most %d bytes, got %d"
                        .formatted(config.maxRecord(), size)));
            return;
          }
          byte[] number = digits(batch.sequence() + first);
          long whole = (long) overhead + value.length + number.length;
          whole += key == null ? 0 : key.length;
          if (whole > largest) {
            refused.put(
                first,
                new Refused(
                    first,
                    rows,
                    "max.message.bytes of the topic: expected a record of at most %d bytes, which the broker takes, got %d"
                        .formatted(largest, whole)));
            return;
          }
          Header sequence = new RecordHeader(SEQUENCE, number);
          ProducerRecord<byte[], byte[]> record =
              new ProducerRecord<>(
                  config.topic(),
                  null,
                  now,
                  key,
                  value,
                  new RecordHeaders(new Header[] {workspace, stream, epoch, sequence}));
          producer.send(record, (_, e) -> done(first, rows, e));
        });
    flushing.flush();
    Exception failed = failure.get();
    boolean again;
    synchronized (tooLarge) {
      again = !tooLarge.isEmpty();
      for (Refused each : tooLarge) {
        refused.put(each.first, each);
      }
    }
    if (reached == null) {
      if (failed != null) {
        throw failed;
      }
      return true; // All but the refused ones are there.
    }
    if (again) {
      producer.abortTransaction();
      return false;
    }
    if (failed != null) {
      throw failed;
    }
    Progress next = Progress.of(reached.text());
    next.reached(batch);
    producer.sendOffsetsToTransaction(
        Map.of(mark, new OffsetAndMetadata(batch.sequence() + batch.rows(), next.text())), group);
    producer.commitTransaction();
    reached.reached(batch);
    return true;
  }

  /** On the producer's thread. */
  private void done(int first, int rows, @Nullable Exception e) {
    if (e instanceof RecordTooLargeException) {
      synchronized (tooLarge) {
        String why = "expected a record that the broker takes, got: " + Failures.words(e);
        tooLarge.add(new Refused(first, rows, why));
      }
    } else if (e != null) {
      failure.compareAndSet(null, e);
    }
  }

  @Override
  public void idle() throws Exception {
    long now = System.nanoTime();
    if (now - spoken < LOOK_AFTER) {
      return;
    }
    try {
      producer.partitionsFor(config.topic());
      spoken = now;
    } catch (KafkaException e) {
      throw Failures.running(target, e);
    }
  }

  @Override
  public void close() {
    Producers.close(producer, timeout);
    flushing.close();
  }
}
