package kr.madang.plugins.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SinkContract;
import kr.madang.sdk.testkit.contract.Store;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** With transactions, which tell how far the sink came. */
@ExtendWith(SharedBroker.class)
class KafkaSinkContractTest extends SinkContract<SinkConfig> {
  private static ContractBroker kafka;

  @BeforeAll
  static void broker(ContractBroker shared) {
    kafka = shared;
  }

  @Override
  protected SinkFactory<SinkConfig> factory() {
    return new KafkaSink();
  }

  @Override
  protected int lives() {
    return 2;
  }

  @Override
  protected Set<String> slow() {
    return Set.of(
        "failedOpeningsLeaveNothing",
        "verifyingFindsAStoreThatIsAway",
        "aConnectionThatFallsSilentIsAnErrorThatCanPassAndNothingIsLost",
        "livesLeaveNothing",
        "anInterruptEndsAWriteThatWaits",
        "answersInSingleBytesAreAnswers",
        "theTimeAtTheSourceIsKept",
        "whatIsWrittenIsThereWhenItIsFinished",
        "anEmptyBatchIsHarmless",
        "aBatchIsOnlyBorrowed");
  }

  private static Configs.Sink of(Place place, String topic) {
    return Configs.sink(ContractBroker.server(place), topic).transactional();
  }

  @Override
  protected SinkConfig config(Place place) {
    return of(place, ContractBroker.topic(place.folder())).build();
  }

  @Override
  protected Map<String, Callable<SinkConfig>> wrongConfigs(Place place) {
    return Map.of(
        "topic",
        () -> of(place, "no topic").build(),
        "maxRecord",
        () -> of(place, "t").maxRecord(1).build(),
        "key",
        () -> of(place, "t").key("").build());
  }

  @Override
  protected Store store(Path folder) throws Exception {
    String topic = ContractBroker.topic(folder);
    // The records carry the time of the contract's clock, which lies in the past.
    kafka.broker().topic(topic, 1, Map.of("retention.ms", "-1"));
    return new Store() {
      @Override
      public Optional<FaultProxy> proxy() {
        return Optional.of(kafka.proxy());
      }

      @Override
      public List<Sample> stored() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.broker().all(topic)) {
          samples.add(sample(record.value()));
        }
        return samples;
      }
    };
  }

  private static Sample sample(byte[] json) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, parser.getText());
        }
      }
    }
    String value = fields.getOrDefault("value", "null");
    String time = fields.get("sourceTime");
    Instant at = time == null ? Instant.EPOCH : Instant.parse(time);
    return new Sample(
        fields.getOrDefault("tag", ""),
        value.equals("null") ? null : Double.valueOf(value),
        Integer.parseUnsignedInt(fields.getOrDefault("status", "0")),
        time == null ? null : at.getEpochSecond() * 1_000_000_000 + at.getNano(),
        0);
  }
}
