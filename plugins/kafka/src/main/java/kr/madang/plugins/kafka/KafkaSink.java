package kr.madang.plugins.kafka;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import kr.madang.plugins.kafka.SourceConfig.Payload;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Writes into a topic. */
final class KafkaSink implements SinkFactory<SinkConfig> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public String title() {
    return "Topic of Apache Kafka";
  }

  @Override
  public Class<SinkConfig> config() {
    return SinkConfig.class;
  }

  @Override
  public void check(SinkConfig config, Schema in) {
    if (config.payload() == Payload.JSON) {
      JsonColumns.check(in);
      JsonEncoder.key(config, in);
    } else if (!config.key().equals("auto") && !config.key().equals("none")) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "key: expected auto or none, since an arrow record holds many rows, got '"
              + config.key()
              + "'");
    }
  }

  @Override
  public void verify(SinkConfig config, Verification verification) throws InterruptedException {
    verification.step(
        "connect to " + config.cluster().target() + " and find topic " + config.topic(),
        () -> {
          try {
            KafkaConsumer<byte[], byte[]> consumer =
                Clients.consumer(Clients.properties(config.cluster(), TIMEOUT, "check"));
            try {
              find(consumer, config, TIMEOUT);
            } finally {
              TopicSource.close(consumer, TIMEOUT);
            }
          } catch (KafkaException e) {
            throw Failures.atOpen(config.cluster().target(), e);
          }
        });
  }

  @Override
  public Sink open(SinkConfig config, Schema in, SinkContext context) throws InterruptedException {
    check(config, in);
    Encoder encoder =
        config.payload() == Payload.JSON
            ? new JsonEncoder(config, in)
            : new ArrowEncoder(config.maxRecord() - TopicSink.OVERHEAD);
    String id = "madang-" + context.name().replace('/', '-');
    Duration timeout = context.timeout();
    KafkaProducer<byte[], byte[]> producer = null;
    try {
      int largest =
          Clients.largest(
              Clients.properties(config.cluster(), timeout, context.name() + "-limits"),
              config.topic(),
              timeout);
      producer = Clients.producer(properties(config, largest, timeout, context.name(), id));
      if (config.transactional()) {
        // Fences whoever writes under this name, and ends what it left open.
        producer.initTransactions();
      }
      Look look = look(config, timeout, context.name(), id);
      return new TopicSink(
          config,
          // with compression only the broker can tell
          config.compression() == SinkConfig.Compression.NONE ? largest : Integer.MAX_VALUE,
          producer,
          encoder,
          context,
          look.progress,
          look.group);
    } catch (RuntimeException | OutOfMemoryError e) {
      if (producer != null) {
        Producers.close(producer, Duration.ZERO);
      }
      String target = config.cluster().target() + ", topic " + config.topic();
      if (e instanceof KafkaException known) {
        throw Failures.atOpen(target, known);
      }
      if (Failures.isMemory(e)) {
        throw Failures.memory(target, e);
      }
      throw e;
    }
  }

  private record Look(@Nullable Progress progress, ConsumerGroupMetadata group) {}

  /** Finds the topic, and how far a transactional sink came before. */
  private static Look look(SinkConfig config, Duration timeout, String name, String id) {
    Map<String, Object> properties = Clients.properties(config.cluster(), timeout, name + "-look");
    properties.put("group.id", id);
    properties.put("enable.auto.commit", false);
    properties.put("allow.auto.create.topics", false);
    properties.put("isolation.level", "read_committed");
    KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(properties);
    try {
      find(consumer, config, timeout);
      if (!config.transactional()) {
        return new Look(null, consumer.groupMetadata());
      }
      return new Look(progress(consumer, config, timeout, id), consumer.groupMetadata());
    } finally {
      TopicSource.close(consumer, timeout);
    }
  }

  private static Progress progress(
      KafkaConsumer<byte[], byte[]> consumer, SinkConfig config, Duration timeout, String id) {
    TopicPartition mark = new TopicPartition(config.topic(), 0);
    try {
      OffsetAndMetadata known = consumer.committed(Set.of(mark), timeout).get(mark);
      return Progress.of(known == null ? "" : known.metadata());
    } catch (TimeoutException e) {
      // seen of Kafka 4.4: killed in the midst of a commit, it may never write the end of it
      throw new PluginException(
          ErrorCode.TIMEOUT,
          "%s: expected to hear how far group %s came, got no answer in %s; if that stays so, the broker holds a transaction that nobody ends: kafka-transactions.sh find-hanging names it"
              .formatted(config.cluster().target(), id, timeout),
          e);
    }
  }

  private static void find(
      KafkaConsumer<byte[], byte[]> consumer, SinkConfig config, Duration timeout) {
    if (consumer.partitionsFor(config.topic(), timeout).isEmpty()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          config.cluster().target() + ": topic " + config.topic() + " does not exist; make it");
    }
  }

  /**
   * The producer's properties. What it sends stays below what the broker takes: a batch that the
   * broker refuses is split, and its second half at times waits until the time-out.
   */
  private static Map<String, Object> properties(
      SinkConfig config, int largest, Duration timeout, String name, String id) {
    Map<String, Object> all = Clients.properties(config.cluster(), timeout, name);
    all.remove("default.api.timeout.ms");
    int millis = Clients.millis(timeout);
    int linger = (int) config.linger().toMillis();
    all.put("acks", "all");
    all.put("enable.idempotence", true);
    all.put("linger.ms", linger);
    all.put("delivery.timeout.ms", millis + linger);
    all.put("max.block.ms", millis);
    all.put("batch.size", Math.min(256 << 10, largest));
    all.put("buffer.memory", (32L << 20) + config.maxRecord());
    all.put("max.request.size", Math.max(1 << 20, config.maxRecord()));
    all.put("compression.type", config.compression().name().toLowerCase(Locale.ROOT));
    if (config.transactional()) {
      all.put("transactional.id", id);
      all.put("transaction.timeout.ms", Math.max(10_000, 4 * millis));
    }
    return all;
  }
}
