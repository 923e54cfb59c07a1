package kr.madang.plugins.mqtt;

/** The version of the protocol. */
enum Version {
  /** MQTT 5. */
  MQTT5,
  /** MQTT 3.1.1. */
  MQTT311
}
