package kr.madang.plugins.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectRestrictions;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAck;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import kr.madang.sdk.config.Secret;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;

/** MQTT 5. */
final class Client5 implements Client {
  private final Mqtt5AsyncClient client;

  Client5(Mqtt5AsyncClient client) {
    this.client = client;
  }

  @Override
  public Subscription listen(Consumer<Message> taker) {
    Taker<Mqtt5Publish> all = new Taker<>(Client5::message, taker);
    client.toRx().publishes(MqttGlobalPublishFilter.ALL, true).subscribe(all);
    return all;
  }

  private static Message message(Mqtt5Publish publish) {
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
        Mqtt5Connect.builder()
            .keepAlive((int) broker.keepAlive().toSeconds())
            .cleanStart(session.clean())
            .sessionExpiryInterval(
                Math.min(session.expiry().toSeconds(), Mqtt5Connect.NO_SESSION_EXPIRY))
            .restrictions(
                Mqtt5ConnectRestrictions.builder()
                    .receiveMaximum(ReceiveMaximum.HELD)
                    .maximumPacketSize(session.maxPacket())
                    .build());
    Mqtt5SimpleAuth auth = auth(broker);
    if (auth != null) {
      connect.simpleAuth(auth);
    }
    session.will().ifPresent(will -> connect.willPublish(packet(will)));
    return Futures.of(
        client.toRx().connect(connect.build()), ack -> ack.isSessionPresent(), _ -> null);
  }

  private static @Nullable Mqtt5SimpleAuth auth(Broker broker) {
    byte[] password =
        broker.password().map(Secret::value).orElse("").getBytes(StandardCharsets.UTF_8);
    if (broker.user().isPresent()) {
      Mqtt5SimpleAuthBuilder.Complete named =
          Mqtt5SimpleAuth.builder().username(broker.user().get());
      return broker.password().isPresent() ? named.password(password).build() : named.build();
    }
    return broker.password().isPresent()
        ? Mqtt5SimpleAuth.builder().password(password).build()
        : null;
  }

  @Override
  public CompletableFuture<List<Integer>> subscribe(List<Wanted> filters) {
    List<Mqtt5Subscription> all =
        filters.stream()
            .map(wanted ->
                Mqtt5Subscription.builder()
                    .topicFilter(wanted.filter())
                    .qos(qos(wanted.qos()))
                    .build())
            .toList();
    return Futures.of(
        client.toRx().subscribe(Mqtt5Subscribe.builder().addSubscriptions(all).build()),
        Client5::codes,
        error ->
            error instanceof Mqtt5SubAckException refused ? codes(refused.getMqttMessage()) : null);
  }

  private static List<Integer> codes(Mqtt5SubAck ack) {
    return ack.getReasonCodes().stream().map(Mqtt5SubAckReasonCode::getCode).toList();
  }

  @Override
  public CompletableFuture<Mqtt5PublishResult> publish(Outgoing message) {
    return client.publish(packet(message));
  }

  private static Mqtt5Publish packet(Outgoing message) {
    var publish =
        Mqtt5Publish.builder()
            .topic(message.topic())
            .payload(message.payload())
            .qos(qos(message.qos()))
            .retain(message.retain());
    if (!message.contentType().isEmpty()) {
      publish.contentType(message.contentType());
    }
    List<String> properties = message.properties();
    if (!properties.isEmpty()) {
      var all = publish.userProperties();
      for (int i = 0; i + 1 < properties.size(); i += 2) {
        all.add(properties.get(i), properties.get(i + 1));
      }
      return all.applyUserProperties().build();
    }
    return publish.build();
  }

  @Override
  public CompletableFuture<?> disconnect() {
    return client.disconnect();
  }

  static MqttQos qos(int code) {
    return switch (code) {
      case 0 -> MqttQos.AT_MOST_ONCE;
      case 1 -> MqttQos.AT_LEAST_ONCE;
      default -> MqttQos.EXACTLY_ONCE;
    };
  }
}
