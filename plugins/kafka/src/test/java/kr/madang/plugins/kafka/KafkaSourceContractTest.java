package kr.madang.plugins.kafka;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The records say which tags there are; a topic takes no commands. */
@ExtendWith(SharedBroker.class)
class KafkaSourceContractTest extends SourceContract<SourceConfig> {
  private static ContractBroker kafka;

  @BeforeAll
  static void broker(ContractBroker shared) {
    kafka = shared;
  }

  @Override
  protected SourceFactory<SourceConfig> factory() {
    return new KafkaSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.DECLARED_TAGS, Capability.COMMANDS, Capability.BROWSING);
  }

  @Override
  protected Set<String> slow() {
    return Set.of(
        "aNewSourceGoesOnWhenTheDeviceIsBack",
        "anInterruptEndsACallThatWaits",
        "verifyingFindsADeviceThatIsAway",
        "aConnectionThatWasFinishedIsAnErrorThatCanPass",
        "aConnectionThatFallsSilentIsAnErrorThatCanPass",
        "failedOpeningsLeaveNothing",
        "livesLeaveNothing");
  }

  /** A member of the group that vanished keeps its partitions for 15 s. */
  @Override
  protected Duration patience() {
    return Duration.ofSeconds(30);
  }

  @Override
  protected int lives() {
    return 2;
  }

  private static Configs.Source of(Place place, String topic) {
    return Configs.source(ContractBroker.server(place), topic).time("/time");
  }

  @Override
  protected SourceConfig config(Place place) {
    return of(place, ContractBroker.topic(place.folder())).build();
  }

  @Override
  protected Map<String, Callable<SourceConfig>> wrongConfigs(Place place) {
    return Map.of(
        "topics",
        () -> of(place, "no topic").build(),
        "from",
        () -> of(place, "t").from("yesterday").build(),
        "batch",
        () -> of(place, "t").batch(0).build());
  }

  @Override
  protected Device device(Path folder) throws Exception {
    String topic = ContractBroker.topic(folder);
    kafka.broker().topic(topic, 1);
    KafkaProducer<byte[], byte[]> producer =
        Clients.producer(
            new HashMap<>(
                Map.of(
                    "bootstrap.servers", kafka.broker().direct(), "acks", "all", "linger.ms", 0)));
    return new Device() {
      @Override
      public Optional<FaultProxy> proxy() {
        return Optional.of(kafka.proxy());
      }

      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) throws Exception {
        String json =
            "{\"tag\":\"%s\",\"value\":%s,\"status\":%d,\"time\":\"%s\"}"
                .formatted(tag, value, Integer.toUnsignedLong(status), time);
        producer.send(new ProducerRecord<>(topic, json.getBytes(StandardCharsets.UTF_8))).get();
      }

      @Override
      public void close() {
        producer.close();
      }
    };
  }
}
