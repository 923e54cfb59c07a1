package kr.madang.plugins.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SinkContract;
import kr.madang.sdk.testkit.contract.Store;
import org.junit.jupiter.api.condition.EnabledIf;

/** A broker takes each message as a new one; the names of the rows are in it. */
@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class MqttSinkContractTest extends SinkContract<SinkConfig> {
  @Override
  protected SinkFactory<SinkConfig> factory() {
    return new MqttSink();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.IDEMPOTENCE);
  }

  @Override
  protected Set<String> slow() {
    return Set.of("anInterruptEndsAWriteThatWaits", "aStoreThatRefusesIsAnErrorThatCanPass");
  }

  @Override
  protected int lives() {
    return 3;
  }

  private static SinkConfig of(int port, String topic, int qos, int inFlight) {
    Broker broker =
        new Broker(
            "127.0.0.1",
            Optional.of(port),
            Version.MQTT5,
            Optional.of("contract"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(1),
            Optional.empty());
    return new SinkConfig(broker, topic, SinkPayload.JSON, qos, false, inFlight, Optional.empty());
  }

  @Override
  protected SinkConfig config(Place place) {
    return of(place.port(), "out/{tag}", 1, 100);
  }

  @Override
  protected Map<String, Callable<SinkConfig>> wrongConfigs(Place place) {
    return Map.of(
        "topic",
        () -> of(place.port(), "out/#", 1, 100),
        "qos",
        () -> of(place.port(), "out", 3, 100),
        "inFlight",
        () -> of(place.port(), "out", 1, 0));
  }

  @Override
  protected Store store(Path folder) throws Exception {
    Mosquitto mosquitto = Mosquitto.start(folder, "max_queued_messages 0");
    Publisher listener = new Publisher(mosquitto.port());
    listener.listen("out/#");
    return new Store() {
      @Override
      public int port() {
        return mosquitto.port();
      }

      @Override
      public List<Sample> stored() {
        return listener.heard().stream().map(MqttSinkContractTest::sample).toList();
      }

      @Override
      public void close() throws Exception {
        listener.close();
        mosquitto.close();
      }
    };
  }

  private static Sample sample(Message message) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(message.payload())) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, parser.getText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Sample(
        fields.getOrDefault("tag", ""),
        fields.get("value").equals("null") ? null : Double.valueOf(fields.get("value")),
        Integer.parseUnsignedInt(fields.get("status")),
        fields.containsKey("time") ? Times.nanos(Instant.parse(fields.get("time"))) : null,
        0);
  }
}
