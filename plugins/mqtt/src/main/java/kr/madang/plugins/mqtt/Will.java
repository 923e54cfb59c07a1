package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/** What the broker says when this client is lost. */
record Will(
    @Doc("Topic without wildcards") String topic,
    @Doc("Text of the message") @Default("offline") String payload,
    @Doc("0, 1 or 2") @Default("1") @Range(min = 0, max = 2) int qos,
    @Doc("Whether the broker keeps it for those who subscribe later") @Default("true")
        boolean retain) {

  /** Checks the topic. */
  Will {
    Checks.that(
        Checks.isTopic(topic), "will.topic", "a topic without wildcards", "'" + topic + "'");
    Checks.qos(qos);
  }

  Outgoing message() {
    return new Outgoing(topic, payload.getBytes(StandardCharsets.UTF_8), qos, retain);
  }
}
