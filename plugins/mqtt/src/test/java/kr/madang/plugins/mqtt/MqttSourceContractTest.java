package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The broker keeps what was not acknowledged; it has no positions, takes no commands, no browser.
 */
@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class MqttSourceContractTest extends SourceContract<SourceConfig> {
  @Override
  protected SourceFactory<SourceConfig> factory() {
    return new MqttSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.POSITIONS, Capability.COMMANDS, Capability.BROWSING);
  }

  @Override
  protected Set<String> slow() {
    return Set.of(
        "anInterruptEndsACallThatWaits",
        "verifyingPassesWhenAllIsWell",
        "aConnectionThatWasFinishedIsAnErrorThatCanPass");
  }

  @Override
  protected int lives() {
    return 3;
  }

  private static Broker broker(int port) {
    return new Broker(
        "127.0.0.1",
        Optional.of(port),
        Version.MQTT5,
        Optional.of("contract"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(1),
        Optional.empty());
  }

  @Override
  protected SourceConfig config(Place place) {
    return Configs.source(
        broker(place.port()),
        Configs.json("line/a", "a", Configs.reading("/v", "a")),
        Configs.json("line/b", "b", Configs.reading("/v", "b")));
  }

  @Override
  protected Map<String, Callable<SourceConfig>> wrongConfigs(Place place) {
    Broker broker = broker(place.port());
    return Map.of(
        "subscriptions",
        () -> Configs.source(broker),
        "topic",
        () -> Configs.source(broker, Configs.raw("a/#/b", 1)),
        "qos",
        () -> Configs.source(broker, Configs.raw("a", 3)),
        "receiveMaximum",
        () -> Configs.source(broker, 0, 1, 1, Configs.raw("a", 1)));
  }

  @Override
  protected Device device(Path folder) throws Exception {
    Mosquitto mosquitto = Mosquitto.start(folder, "max_queued_messages 0");
    Publisher publisher = new Publisher(mosquitto.port());
    return new Device() {
      @Override
      public int port() {
        return mosquitto.port();
      }

      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) throws Exception {
        String json =
            "{\"v\":%s,\"status\":%d,\"time\":\"%s\"}"
                .formatted(value, Integer.toUnsignedLong(status), time);
        publisher.say("line/" + tag, json.getBytes(StandardCharsets.UTF_8), 1, false);
      }

      @Override
      public void close() throws Exception {
        publisher.close();
        mosquitto.close();
      }
    };
  }
}
