package kr.madang.plugins.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.Await;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real broker (KRaft) in a JVM of its own, which can be killed. Its second listener is advertised
 * at another port, where a test may put a proxy in front of it.
 */
final class KafkaBroker implements AutoCloseable {
  private final Path work;
  private final int port;
  private final int proxied;
  private final int advertised;
  private Process process;

  private KafkaBroker(int proxied, int advertised) throws Exception {
    this.work = Files.createTempDirectory("kafka");
    int[] ports = free(3, proxied);
    this.port = ports[0];
    this.proxied = proxied == 0 ? ports[1] : proxied;
    this.advertised = advertised == 0 ? this.proxied : advertised;
    Files.writeString(work.resolve("server.properties"), properties(ports[2]));
    Process format =
        java(
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "bWFkYW5nLXRlc3RzLWthZg",
            "-c",
            work.resolve("server.properties").toString());
    if (format.waitFor() != 0) {
      throw new IOException(Files.readString(work.resolve("log")));
    }
    process = begin();
  }

  static KafkaBroker start() throws Exception {
    return new KafkaBroker(0, 0);
  }

  /** A broker with a second listener, which it says is at another port. */
  static KafkaBroker startBehind(int listener, int advertised) throws Exception {
    return new KafkaBroker(listener, advertised);
  }

  /** The broker that all tests share; each uses topics of its own. */
  static synchronized KafkaBroker shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent("kafka", _ -> new Holder(), Holder.class)
        .broker;
  }

  private static final class Holder implements AutoCloseable {
    private final KafkaBroker broker;

    private Holder() {
      try {
        broker = start();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws Exception {
      broker.close();
    }
  }

  private String properties(int controller) {
    Map<String, String> all = new HashMap<>();
    all.put("process.roles", "broker,controller");
    all.put("node.id", "1");
    all.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    all.put(
        "listeners",
        "DIRECT://127.0.0.1:%d,PROXIED://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(port, proxied, controller));
    all.put(
        "advertised.listeners",
        "DIRECT://127.0.0.1:%d,PROXIED://127.0.0.1:%d".formatted(port, advertised));
    all.put(
        "listener.security.protocol.map",
        "DIRECT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("inter.broker.listener.name", "DIRECT");
    all.put("controller.listener.names", "CONTROLLER");
    all.put("log.dirs", work.resolve("data").toString());
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "4");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("transaction.state.log.num.partitions", "4");
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("broker.session.timeout.ms", "2000");
    all.put("broker.heartbeat.interval.ms", "500");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("group.min.session.timeout.ms", "1000");
    all.put("auto.create.topics.enable", "false");
    all.put("log.retention.check.interval.ms", "500");
    all.put("num.network.threads", "2");
    all.put("num.io.threads", "2");
    StringBuilder text = new StringBuilder();
    all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return text.toString();
  }

  private Process begin() throws Exception {
    Process begun = java("kafka.Kafka", work.resolve("server.properties").toString());
    process = begun;
    Await.until("the broker answers", Duration.ofSeconds(60), this::answers);
    return begun;
  }

  private Process java(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(work.resolve("log").toFile()))
        .start();
  }

  private boolean answers() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(Files.readString(work.resolve("log")));
    }
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port);
        Admin admin = admin()) {
      return probe.isConnected() && !admin.describeCluster().nodes().get().isEmpty();
    } catch (Exception e) {
      return false;
    }
  }

  /** Free ports, without one that was promised already. */
  private static int[] free(int count, int promised) throws IOException {
    int[] ports = new int[count];
    List<ServerSocket> held = new ArrayList<>();
    for (int i = 0; i < count; ) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      held.add(socket);
      if (socket.getLocalPort() != promised) {
        ports[i++] = socket.getLocalPort();
      }
    }
    for (ServerSocket socket : held) {
      socket.close();
    }
    return ports;
  }

  String direct() {
    return "127.0.0.1:" + port;
  }

  long pid() {
    return process.pid();
  }

  void kill() throws Exception {
    process.destroyForcibly().waitFor();
  }

  void restart() throws Exception {
    process = begin();
  }

  Admin admin() {
    return Admin.create(
        Map.of(
            "bootstrap.servers",
            direct(),
            "request.timeout.ms",
            5000,
            "default.api.timeout.ms",
            10_000));
  }

  void topic(String name, int partitions) throws Exception {
    topic(name, partitions, Map.of());
  }

  void topic(String name, int partitions, Map<String, String> settings) throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(settings)))
          .all()
          .get();
    }
  }

  void delete(String topic) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  /** Whether no transaction is open, neither in a topic nor in the offsets of groups. */
  boolean isSettled(String topic) throws Exception {
    try (Admin admin = admin()) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (TopicDescription each :
          admin
              .describeTopics(List.of(topic, "__consumer_offsets"))
              .allTopicNames()
              .get()
              .values()) {
        each.partitions()
            .forEach(one -> partitions.add(new TopicPartition(each.name(), one.partition())));
      }
      return admin.describeProducers(partitions).all().get().values().stream()
          .flatMap(state -> state.activeProducers().stream())
          .allMatch(producer -> producer.currentTransactionStartOffset().isEmpty());
    }
  }

  /** Writes records, as another program would. */
  @SafeVarargs
  final void put(ProducerRecord<byte[], byte[]>... records) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        Clients.producer(new HashMap<>(Map.of("bootstrap.servers", direct(), "acks", "all")))) {
      for (ProducerRecord<byte[], byte[]> record : records) {
        producer.send(record);
      }
      producer.flush();
    }
  }

  /** All committed records of a topic. */
  List<ConsumerRecord<byte[], byte[]>> all(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        Clients.consumer(
            new HashMap<>(
                Map.of(
                    "bootstrap.servers",
                    direct(),
                    "isolation.level",
                    "read_committed",
                    "auto.offset.reset",
                    "earliest")))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
      while (end.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
      return all;
    }
  }

  @Override
  public void close() throws Exception {
    kill();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
