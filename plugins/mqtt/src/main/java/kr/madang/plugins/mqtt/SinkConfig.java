package kr.madang.plugins.mqtt;

import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/** The config of the sink {@code mqtt}. */
record SinkConfig(
    @Doc("Which broker, and as whom") Broker broker,
    @Doc("Topic; {tag} of a sample, {field} of a raw frame") String topic,
    @Doc("json or raw") @Default("json") SinkPayload payload,
    @Doc("0, 1 or 2; with 0 nobody confirms that a message came")
        @Default("1")
        @Range(min = 0, max = 2)
        int qos,
    @Doc("Whether the broker keeps the last message of a topic") @Default("false") boolean retain,
    @Doc("Messages under way before the first is acknowledged")
        @Default("1000")
        @Range(min = 1, max = 65535)
        int inFlight,
    @Doc("What the broker says when this sink is lost") Optional<Will> will) {

  /** Checks each component. */
  SinkConfig {
    Checks.qos(qos);
    Checks.that(inFlight >= 1 && inFlight <= 65_535, "inFlight", "1 to 65535", inFlight);
    for (String name : Template.of("topic", topic).placeholders()) {
      Checks.that(
          name.equals("tag") || name.equals("field"),
          "topic",
          "{tag} or {field}",
          "{" + name + "}");
    }
    String probe = topic.replaceAll("\\{[a-z]+}", "x");
    Checks.that(Checks.isTopic(probe), "topic", "a topic without wildcards", "'" + topic + "'");
  }
}
