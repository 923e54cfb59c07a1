package kr.madang.plugins.mqtt;

import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/** The config of the sink {@code sparkplug}, an edge node. */
record EdgeConfig(
    @Doc("Which broker, and as whom") Broker broker,
    @Doc("Id of the group") String group,
    @Doc("Id of this edge node") String node,
    @Doc("Id of the device that the metrics belong to; without it they are the node's own")
        Optional<String> device,
    @Doc("Host application without which nothing is sent; rows wait until it is online")
        Optional<String> primaryHost,
    @Doc("QoS of data; Sparkplug says 0, with 1 the broker confirms that it came")
        @Default("0")
        @Range(min = 0, max = 1)
        int qos,
    @Doc("Most metrics") @Default("10000") @Range(min = 1, max = 1_000_000) int maxMetrics) {

  /** Checks each component. */
  EdgeConfig {
    id("group", group);
    id("node", node);
    device.ifPresent(id -> id("device", id));
    primaryHost.ifPresent(id -> id("primaryHost", id));
    Checks.that(qos == 0 || qos == 1, "qos", "0 or 1", qos);
    Checks.that(
        maxMetrics >= 1 && maxMetrics <= 1_000_000, "maxMetrics", "1 to 1000000", maxMetrics);
  }

  private static void id(String field, String id) {
    Checks.that(SparkplugConfig.isId(id), field, "an id without / + #", "'" + id + "'");
  }

  String topic(SparkplugTopic.Type type) {
    boolean ofDevice = type.name().charAt(0) == 'D';
    return new SparkplugTopic(group, type, node, ofDevice ? device.orElse("") : "").toString();
  }
}
