package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A second client of the broker, which publishes and listens. */
final class Publisher implements AutoCloseable {
  private final Transport transport;
  private final List<Message> heard = new CopyOnWriteArrayList<>();

  Publisher(int port) throws InterruptedException {
    this(Configs.broker(port, Version.MQTT5, "publisher"));
  }

  Publisher(Broker broker) throws InterruptedException {
    transport =
        Transport.open(
            broker,
            Session.passing(broker.clientId().orElse("publisher"), Optional.empty(), 1 << 28),
            Duration.ofSeconds(5),
            message -> {
              heard.add(message);
              message.receipt().run();
            });
  }

  void say(String topic, String payload) throws InterruptedException {
    say(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false);
  }

  void say(String topic, byte[] payload, int qos, boolean retain) throws InterruptedException {
    transport.send(new Outgoing(topic, payload, qos, retain));
  }

  void listen(String filter) throws InterruptedException {
    transport.subscribe(List.of(new Wanted(filter, 1)));
  }

  List<Message> heard() {
    return heard;
  }

  /** Goes without a good-bye. */
  void vanish() {
    transport.abort();
  }

  @Override
  public void close() {
    transport.close();
  }
}
