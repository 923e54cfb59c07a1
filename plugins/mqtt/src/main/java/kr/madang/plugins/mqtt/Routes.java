package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what becomes of a topic. One thread. */
final class Routes {
  private record Entry(TopicPattern pattern, Decoder decoder, List<Template> templates) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Route> known = new HashMap<>();
  private final int most;

  Routes(List<Subscription> subscriptions, Tags tags, int maxPayload, int most) {
    this.most = most;
    for (Subscription subscription : subscriptions) {
      entries.add(
          new Entry(
              TopicPattern.of(subscription.topic()),
              Decoder.of(subscription, tags, maxPayload),
              templates(subscription)));
    }
  }

  /** The tag templates of a subscription, one for each reading. */
  static List<Template> templates(Subscription subscription) {
    if (subscription.readings().isEmpty()) {
      return List.of(Template.of("tag", subscription.tagOrTopic()));
    }
    return subscription.readings().stream()
        .map(
            reading -> Template.of("readings.tag", reading.tag().orElse(subscription.tagOrTopic())))
        .toList();
  }

  /** The route of a topic, or null if no subscription matches. */
  @Nullable Route of(String topic) {
    Route route = known.get(topic);
    if (route != null) {
      return route;
    }
    for (Entry entry : entries) {
      String[] found = entry.pattern.match(topic);
      if (found != null) {
        route = new Route(entry.decoder, entry.templates, entry.pattern, found);
        if (known.size() < most) {
          known.put(topic, route);
        }
        return route;
      }
    }
    return null;
  }
}
