package kr.madang.plugins.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import kr.madang.plugins.kafka.Cluster.Login;
import kr.madang.plugins.kafka.Cluster.Tls;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes clients, each with the properties written here and no others. */
final class Clients {
  private Clients() {}

  /** What every client is told. */
  static Map<String, Object> properties(Cluster cluster, Duration timeout, String stage) {
    Map<String, Object> all = new HashMap<>();
    int millis = millis(timeout);
    all.put("bootstrap.servers", cluster.servers());
    all.put("client.id", "madang-" + stage.replace('/', '-'));
    all.put("request.timeout.ms", millis);
    all.put("default.api.timeout.ms", millis);
    all.put("socket.connection.setup.timeout.ms", millis);
    all.put("socket.connection.setup.timeout.max.ms", millis);
    all.put("reconnect.backoff.ms", 50);
    all.put("reconnect.backoff.max.ms", 1000);
    all.put("retry.backoff.ms", 50);
    all.put("metadata.max.age.ms", 60_000);
    all.put("metric.reporters", "");
    all.put("enable.metrics.push", false);
    secure(cluster, all);
    return all;
  }

  static int millis(Duration timeout) {
    return Math.clamp(timeout.toMillis(), 100, 600_000);
  }

  private static void secure(Cluster cluster, Map<String, Object> all) {
    boolean login = cluster.login().isPresent();
    if (cluster.tls().isPresent()) {
      Tls tls = cluster.tls().get();
      all.put("security.protocol", login ? "SASL_SSL" : "SSL");
      all.put("ssl.endpoint.identification.algorithm", tls.verifyHost() ? "https" : "");
      tls.ca()
          .ifPresent(ca -> {
            all.put("ssl.truststore.type", "PEM");
            all.put("ssl.truststore.certificates", pem("cluster.tls.ca", ca));
          });
      tls.certificate()
          .ifPresent(certificate -> {
            all.put("ssl.keystore.type", "PEM");
            all.put("ssl.keystore.certificate.chain", pem("cluster.tls.certificate", certificate));
          });
      tls.key().ifPresent(key -> all.put("ssl.keystore.key", pem("cluster.tls.key", key)));
      tls.keyPassword().ifPresent(secret -> all.put("ssl.key.password", secret.value()));
    } else {
      all.put("security.protocol", login ? "SASL_PLAINTEXT" : "PLAINTEXT");
    }
    cluster
        .login()
        .ifPresent(user -> {
          all.put("sasl.mechanism", user.mechanism().sasl);
          all.put("sasl.jaas.config", jaas(user));
        });
  }

  /** The only form in which the library takes a password; nothing of it comes from a config. */
  static String jaas(Login login) {
    return login.mechanism().module
        + " required username=\""
        + escaped(login.user())
        + "\" password=\""
        + escaped(login.password().value())
        + "\";";
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String pem(String field, Path file) {
    try {
      if (Files.size(file) > 1 << 20) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID, field + ": expected a PEM file of at most 1 MiB: " + file);
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, field + ": expected a PEM file that can be read: " + file, e);
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> properties) {
    return within(() ->
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  static KafkaProducer<byte[], byte[]> producer(Map<String, Object> properties) {
    return within(() ->
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  /**
   * How long a batch of records may be that the broker takes into a topic ({@code
   * max.message.bytes}); the most there is if the user may not ask.
   */
  static int largest(Map<String, Object> properties, String topic, Duration timeout)
      throws InterruptedException {
    ConfigResource asked = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      ConfigEntry told =
          asked(properties, timeout, admin -> admin.describeConfigs(List.of(asked)).all())
              .getOrDefault(asked, new Config(List.of()))
              .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
      return told == null || told.value() == null
          ? Integer.MAX_VALUE
          : Math.max(1, Integer.parseInt(told.value()));
    } catch (AuthorizationException
        | UnsupportedVersionException
        | UnknownTopicOrPartitionException e) {
      return Integer.MAX_VALUE;
    }
  }

  /** Asks the cluster something by a client that lives no longer. */
  private static <T> T asked(
      Map<String, Object> properties, Duration timeout, Function<Admin, KafkaFuture<T>> question)
      throws InterruptedException {
    Admin admin = within(() -> Admin.create(properties));
    try {
      return question.apply(admin).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new org.apache.kafka.common.errors.TimeoutException("no answer within " + timeout, e);
    } finally {
      admin.close(timeout);
    }
  }

  /** Where partitions end, with the records of transactions that have not ended. */
  static Map<TopicPartition, Long> ends(
      Map<String, Object> properties, Set<TopicPartition> partitions, Duration timeout)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    asked(
            properties,
            timeout,
            admin ->
                admin
                    .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .all())
        .forEach((partition, end) -> ends.put(partition, end.offset()));
    return ends;
  }

  /** The library finds its own classes, and its threads inherit, by the context class loader. */
  private static <T> T within(Supplier<T> made) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Clients.class.getClassLoader());
    try {
      return made.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
