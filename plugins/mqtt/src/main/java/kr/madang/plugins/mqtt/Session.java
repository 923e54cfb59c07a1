package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.Optional;

/**
 * What a connection asks of the broker.
 *
 * @param clean whether what the broker kept for this client is thrown away
 * @param expiry how long the broker keeps it after the connection; zero for not at all
 * @param receiveMaximum messages of QoS 1 and 2 under way; MQTT 5 only
 * @param maxPacket longest packet in bytes that is taken
 * @param will what the broker says when this client is lost
 */
record Session(
    String clientId,
    boolean clean,
    Duration expiry,
    int receiveMaximum,
    int maxPacket,
    Optional<Outgoing> will) {
  /** A session that ends with its connection. */
  static Session passing(String clientId, Optional<Outgoing> will, int maxPacket) {
    return new Session(clientId, true, Duration.ZERO, 1_000, maxPacket, will);
  }
}
