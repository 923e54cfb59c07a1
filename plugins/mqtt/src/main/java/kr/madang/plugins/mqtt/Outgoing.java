package kr.madang.plugins.mqtt;

import java.util.List;

/**
 * A message to be sent.
 *
 * @param contentType empty for none; MQTT 5 only
 * @param properties name and value in turns; MQTT 5 only
 */
record Outgoing(
    String topic,
    byte[] payload,
    int qos,
    boolean retain,
    String contentType,
    List<String> properties) {
  /** A message without properties. */
  Outgoing(String topic, byte[] payload, int qos, boolean retain) {
    this(topic, payload, qos, retain, "", List.of());
  }
}
