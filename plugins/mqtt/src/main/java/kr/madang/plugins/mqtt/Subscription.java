package kr.madang.plugins.mqtt;

import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/** What to subscribe to, and how its messages become samples. */
record Subscription(
    @Doc("Topic filter; {name} stands for + and names it; $share/GROUP/FILTER is shared")
        String topic,
    @Doc("0, 1 or 2") @Default("1") @Range(min = 0, max = 2) int qos,
    @Doc("json, cbor, raw or sparkplug") @Default("json") PayloadKind payload,
    @Doc("Tag with placeholders: {1}, {2}, {name}, {topic}; sparkplug: {metric}")
        Optional<String> tag,
    @Doc("Values of a json or cbor payload; without it the payload is one value") @Default("[]")
        List<Reading> readings,
    @Doc("JSON pointer of the source time") Optional<String> time,
    @Doc("auto, iso, s, ms, us or ns") @Default("auto") Times timeFormat,
    @Doc("JSON pointer of the status") Optional<String> status,
    @Doc("opcua or opcda") @Default("opcua") Statuses statuses,
    @Doc("A raw payload is auto, number, text or bytes") @Default("auto") ValueType type,
    @Doc("Engineering unit of a raw payload as a UCUM code") @Default("''") String unit) {

  /** Checks each component. */
  Subscription {
    readings = List.copyOf(readings);
    TopicPattern pattern = TopicPattern.of(topic);
    Checks.qos(qos);
    time.ifPresent(pointer -> Reading.pointer("time", pointer));
    status.ifPresent(pointer -> Reading.pointer("status", pointer));
    boolean paths = payload == PayloadKind.JSON || payload == PayloadKind.CBOR;
    Checks.that(paths || readings.isEmpty(), "readings", "none for this payload", readings.size());
    Checks.that(
        paths || (time.isEmpty() && status.isEmpty()),
        time.isPresent() ? "time" : "status",
        "none, since this payload has no paths",
        time.or(() -> status).orElse(""));
    tag.ifPresent(text -> placeholders("tag", text, pattern, payload, false));
    for (Reading reading : readings) {
      reading
          .tag()
          .ifPresent(text ->
              placeholders("readings.tag", text, pattern, payload, reading.each().isPresent()));
    }
  }

  private static void placeholders(
      String field, String text, TopicPattern pattern, PayloadKind payload, boolean elements) {
    for (String name : Template.of(field, text).placeholders()) {
      boolean known =
          pattern.wildcard(name) >= 0
              || switch (payload) {
                case JSON, CBOR -> name.startsWith("/") || (elements && name.equals("key"));
                case SPARKPLUG -> name.equals("metric");
                case RAW -> false;
              };
      Checks.that(known, field, "the number or name of a wildcard of " + pattern, "{" + name + "}");
    }
  }

  /** The tag of this subscription's messages, unless a reading has its own. */
  String tagOrTopic() {
    return tag.orElse(payload == PayloadKind.SPARKPLUG ? "{topic}/{metric}" : "{topic}");
  }
}
