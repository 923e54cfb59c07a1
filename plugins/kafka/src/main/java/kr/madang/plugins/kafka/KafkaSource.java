package kr.madang.plugins.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.Verification;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Reads topics in a consumer group. */
final class KafkaSource implements SourceFactory<SourceConfig> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public String title() {
    return "Topics of Apache Kafka";
  }

  @Override
  public Class<SourceConfig> config() {
    return SourceConfig.class;
  }

  @Override
  public Optional<Schema> frames(SourceConfig config) {
    return config.frames() ? Optional.of(JsonFrames.schema(config)) : Optional.empty();
  }

  @Override
  public void verify(SourceConfig config, Verification verification) {
    try (Attempt attempt = new Attempt(config)) {
      verification.step("connect to " + config.cluster().target(), attempt::connect);
      verification.step("find " + String.join(", ", config.topics()), attempt::find);
    }
  }

  @Override
  public Source open(SourceConfig config, SourceContext context) throws InterruptedException {
    KafkaConsumer<byte[], byte[]> consumer = null;
    Decoder decoder = null;
    try {
      consumer = Clients.consumer(properties(config, context.timeout(), context.name()));
      TopicSource.check(consumer, config, context.timeout());
      decoder = Decoder.of(config, context.allocator());
      return new TopicSource(config, consumer, decoder, context);
    } catch (RuntimeException | OutOfMemoryError e) {
      if (decoder != null) {
        decoder.close();
      }
      if (consumer != null) {
        TopicSource.close(consumer, context.timeout());
      }
      if (e instanceof KafkaException known) {
        throw Failures.atOpen(config.cluster().target(), known);
      }
      if (Failures.isMemory(e)) {
        throw Failures.memory(config.cluster().target(), e);
      }
      throw e;
    }
  }

  private static Map<String, Object> properties(
      SourceConfig config, Duration timeout, String name) {
    Map<String, Object> all = Clients.properties(config.cluster(), timeout, name);
    all.put("group.id", config.group().orElse("madang-" + name.replace('/', '-')));
    all.put("enable.auto.commit", false);
    all.put("auto.offset.reset", "none"); // Where to begin is decided here, not by the library.
    all.put("allow.auto.create.topics", false);
    all.put("isolation.level", "read_committed");
    all.put("max.poll.records", config.batch());
    all.put("fetch.max.bytes", 16 << 20);
    all.put("max.partition.fetch.bytes", Math.max(1 << 20, config.maxPayload()));
    all.put("session.timeout.ms", 15_000);
    all.put("heartbeat.interval.ms", 3_000);
    return all;
  }

  /** One try to reach what a config names. */
  private static final class Attempt implements AutoCloseable {
    private final SourceConfig config;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    private Attempt(SourceConfig config) {
      this.config = config;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
      if (consumer == null) {
        throw new IllegalStateException("not connected");
      }
      return consumer;
    }

    private void connect() throws InterruptedException {
      try {
        consumer = Clients.consumer(properties(config, TIMEOUT, "check"));
        consumer().listTopics(TIMEOUT);
      } catch (KafkaException e) {
        throw Failures.atOpen(config.cluster().target(), e);
      }
    }

    private void find() throws InterruptedException {
      try {
        TopicSource.check(consumer(), config, TIMEOUT);
      } catch (KafkaException e) {
        throw Failures.atOpen(config.cluster().target(), e);
      }
    }

    @Override
    public void close() {
      if (consumer != null) {
        TopicSource.close(consumer, TIMEOUT);
      }
    }
  }
}
