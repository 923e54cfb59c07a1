package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Secret;

/** Configs with the defaults of the annotations. */
final class Configs {
  private Configs() {}

  static Broker broker(int port, Version version) {
    return broker(port, version, "test");
  }

  static Broker broker(int port, Version version, String clientId) {
    return new Broker(
        "127.0.0.1",
        Optional.of(port),
        version,
        Optional.of(clientId),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(5),
        Optional.of(Duration.ofSeconds(3)));
  }

  static Broker login(Broker broker, String user, String password) {
    return new Broker(
        broker.host(),
        broker.port(),
        broker.version(),
        broker.clientId(),
        Optional.of(user),
        Optional.of(new Secret(password)),
        broker.tls(),
        broker.keepAlive(),
        broker.timeout());
  }

  static Broker tls(Broker broker, Tls tls) {
    return new Broker(
        broker.host(),
        broker.port(),
        broker.version(),
        broker.clientId(),
        broker.user(),
        broker.password(),
        Optional.of(tls),
        broker.keepAlive(),
        broker.timeout());
  }

  static SourceConfig source(Broker broker, Subscription... subscriptions) {
    return source(broker, 1_000, 1 << 20, 10_000, subscriptions);
  }

  static SourceConfig source(
      Broker broker, int receiveMaximum, int maxPayload, int maxTags, Subscription... all) {
    return new SourceConfig(
        broker, List.of(all), false, Duration.ofHours(1), receiveMaximum, maxPayload, maxTags);
  }

  static Subscription raw(String topic, int qos) {
    return raw(topic, qos, ValueType.AUTO);
  }

  static Subscription raw(String topic, int qos, ValueType type) {
    return subscription(topic, qos, PayloadKind.RAW, null, List.of(), null, null, type);
  }

  static Subscription json(String topic, String tag, Reading... readings) {
    return subscription(
        topic, 1, PayloadKind.JSON, tag, List.of(readings), "/time", "/status", ValueType.AUTO);
  }

  static Subscription subscription(
      String topic,
      int qos,
      PayloadKind kind,
      @org.jspecify.annotations.Nullable String tag,
      List<Reading> readings,
      @org.jspecify.annotations.Nullable String time,
      @org.jspecify.annotations.Nullable String status,
      ValueType type) {
    return new Subscription(
        topic,
        qos,
        kind,
        Optional.ofNullable(tag),
        readings,
        Optional.ofNullable(time),
        Times.AUTO,
        Optional.ofNullable(status),
        Statuses.OPCUA,
        type,
        "");
  }

  static Reading reading(String value, String tag) {
    return reading(value, tag, ValueType.AUTO);
  }

  static Reading reading(String value, String tag, ValueType type) {
    return new Reading(
        value, Optional.of(tag), Optional.empty(), Optional.empty(), Optional.empty(), type, "");
  }

  static Reading each(String each, String value, String tag) {
    return new Reading(
        value,
        Optional.of(tag),
        Optional.of(each),
        Optional.empty(),
        Optional.empty(),
        ValueType.AUTO,
        "");
  }
}
