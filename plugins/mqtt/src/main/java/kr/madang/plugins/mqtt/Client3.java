package kr.madang.plugins.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt3.message.auth.Mqtt3SimpleAuth;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.suback.Mqtt3SubAck;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.suback.Mqtt3SubAckReturnCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;

/** MQTT 3.1.1. */
final class Client3 implements Client {
  private final Mqtt3AsyncClient client;

  Client3(Mqtt3AsyncClient client) {
    this.client = client;
  }

  @Override
  public Subscription listen(Consumer<Message> taker) {
    Taker<Mqtt3Publish> all = new Taker<>(Client3::message, taker);
    client.toRx().publishes(MqttGlobalPublishFilter.ALL, true).subscribe(all);
    return all;
  }

  private static Message message(Mqtt3Publish publish) {
    return new Message(
        publish.getTopic().toString(),
        publish.getPayloadAsBytes(),
        publish.getQos().getCode(),
        publish.isRetain(),
        publish::acknowledge);
  }

  @Override
  public CompletableFuture<Boolean> connect(Broker broker, Session session) {
    var connect =
        Mqtt3Connect.builder()
            .keepAlive((int) broker.keepAlive().toSeconds())
            .cleanSession(session.clean());
    broker
        .user()
        .ifPresent(user -> {
          var named = Mqtt3SimpleAuth.builder().username(user);
          broker
              .password()
              .ifPresent(secret -> named.password(secret.value().getBytes(StandardCharsets.UTF_8)));
          connect.simpleAuth(named.build());
        });
    session.will().ifPresent(will -> connect.willPublish(packet(will)));
    return Futures.of(
        client.toRx().connect(connect.build()), ack -> ack.isSessionPresent(), _ -> null);
  }

  @Override
  public CompletableFuture<List<Integer>> subscribe(List<Wanted> filters) {
    List<Mqtt3Subscription> all =
        filters.stream()
            .map(wanted ->
                Mqtt3Subscription.builder()
                    .topicFilter(wanted.filter())
                    .qos(Client5.qos(wanted.qos()))
                    .build())
            .toList();
    return Futures.of(
        client.toRx().subscribe(Mqtt3Subscribe.builder().addSubscriptions(all).build()),
        Client3::codes,
        error ->
            error instanceof Mqtt3SubAckException refused ? codes(refused.getMqttMessage()) : null);
  }

  private static List<Integer> codes(Mqtt3SubAck ack) {
    return ack.getReturnCodes().stream().map(Mqtt3SubAckReturnCode::getCode).toList();
  }

  @Override
  public CompletableFuture<Mqtt3Publish> publish(Outgoing message) {
    return client.publish(packet(message));
  }

  private static Mqtt3Publish packet(Outgoing message) {
    return Mqtt3Publish.builder()
        .topic(message.topic())
        .payload(message.payload())
        .qos(Client5.qos(message.qos()))
        .retain(message.retain())
        .build();
  }

  @Override
  public CompletableFuture<?> disconnect() {
    return client.disconnect();
  }
}
