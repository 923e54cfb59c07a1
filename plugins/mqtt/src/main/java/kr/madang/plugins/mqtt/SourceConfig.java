package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.List;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The config of the source {@code mqtt}. */
record SourceConfig(
    @Doc("Which broker, and as whom") Broker broker,
    @Doc("What to subscribe to; the first that matches a topic says what becomes of a message")
        List<Subscription> subscriptions,
    @Doc("Whether to throw away what the broker kept while this source was away") @Default("false")
        boolean cleanStart,
    @Doc("How long the broker keeps messages while this source is away; MQTT 5 only") @Default("1d")
        Duration sessionExpiry,
    @Doc("Messages of QoS 1 and 2 that may be under way; MQTT 5 only")
        @Default("1000")
        @Range(min = 1, max = 65535)
        int receiveMaximum,
    @Doc("Longest payload that is read") @Default("1MiB") @Unit("By") int maxPayload,
    @Doc("Most tags; messages that would make more are rejected")
        @Default("10000")
        @Range(min = 1, max = 1_000_000)
        @Unit("{tag}")
        int maxTags) {

  private static final int PACKET_HEAD = 128 * 1024;

  /** Checks each component. */
  SourceConfig {
    subscriptions = List.copyOf(subscriptions);
    Checks.that(!subscriptions.isEmpty(), "subscriptions", "at least one", "none");
    Checks.that(
        !sessionExpiry.isNegative() && sessionExpiry.toSeconds() <= 0xFFFF_FFFFL,
        "sessionExpiry",
        "a time of 0 or more",
        sessionExpiry);
    Checks.that(
        receiveMaximum >= 1 && receiveMaximum <= 65_535,
        "receiveMaximum",
        "a number from 1 to 65535",
        receiveMaximum);
    Checks.that(
        maxPayload >= 1 && maxPayload <= 256 << 20, "maxPayload", "1 byte to 256 MiB", maxPayload);
    Checks.that(maxTags >= 1 && maxTags <= 1_000_000, "maxTags", "1 to 1000000", maxTags);
  }

  /** The filters as the broker is told them. */
  List<Wanted> wanted() {
    return subscriptions.stream()
        .map(each -> new Wanted(TopicPattern.of(each.topic()).filter(), each.qos()))
        .toList();
  }

  /** What to ask of the broker. */
  Session session(String clientId) {
    return new Session(
        clientId,
        cleanStart,
        sessionExpiry,
        receiveMaximum,
        maxPacket(maxPayload),
        java.util.Optional.empty());
  }

  /** Longer payloads are rejected one by one up to here; beyond, the connection is at fault. */
  static int maxPacket(int maxPayload) {
    return Math.max(4 << 20, (int) Math.min(268_435_460L, 2L * maxPayload + PACKET_HEAD));
  }
}
