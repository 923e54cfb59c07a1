package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The config of the source {@code sparkplug}, a host application. */
record SparkplugConfig(
    @Doc("Which broker, and as whom") Broker broker,
    @Doc("Groups to listen to; + is all") @Default("['+']") List<String> groups,
    @Doc("Id of this host application, under which it says whether it is there (STATE)")
        Optional<String> hostId,
    @Doc("Tag; {id} is group/node or group/node/device, also {group}, {node}, {device}, {metric}")
        @Default("'{id}/{metric}'")
        String tag,
    @Doc("How long a message may be overtaken by the next ones before it counts as lost")
        @Default("2s")
        Duration reorder,
    @Doc("Time between two requests for the birth of one node") @Default("10s")
        Duration rebirthEvery,
    @Doc("Longest payload that is read") @Default("4MiB") @Unit("By") int maxPayload,
    @Doc("Most tags; births that would make more are rejected")
        @Default("100000")
        @Range(min = 1, max = 1_000_000)
        @Unit("{tag}")
        int maxTags) {

  /** Checks each component. */
  SparkplugConfig {
    groups = List.copyOf(groups);
    Checks.that(!groups.isEmpty(), "groups", "at least one", "none");
    for (String group : groups) {
      Checks.that(
          group.equals("+") || isId(group), "groups", "+ or ids without / + #", "'" + group + "'");
    }
    hostId.ifPresent(id -> Checks.that(isId(id), "hostId", "an id without / + #", "'" + id + "'"));
    for (String name : Template.of("tag", tag).placeholders()) {
      Checks.that(
          List.of("id", "group", "node", "device", "metric").contains(name),
          "tag",
          "{id}, {group}, {node}, {device} or {metric}",
          "{" + name + "}");
    }
    Checks.that(!reorder.isNegative(), "reorder", "a time of 0 or more", reorder);
    Checks.that(
        rebirthEvery.toMillis() >= 100, "rebirthEvery", "a time of at least 100 ms", rebirthEvery);
    Checks.that(
        maxPayload >= 1 && maxPayload <= 256 << 20, "maxPayload", "1 byte to 256 MiB", maxPayload);
    Checks.that(maxTags >= 1 && maxTags <= 1_000_000, "maxTags", "1 to 1000000", maxTags);
  }

  static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= 1_000 && id.matches("[^/+#\\p{Cntrl}]+");
  }
}
