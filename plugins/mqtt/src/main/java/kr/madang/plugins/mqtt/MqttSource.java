package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;

/** Subscribes to topics of a broker. */
final class MqttSource implements SourceFactory<SourceConfig> {
  @Override
  public String name() {
    return "mqtt";
  }

  @Override
  public String title() {
    return "MQTT broker";
  }

  @Override
  public Class<SourceConfig> config() {
    return SourceConfig.class;
  }

  @Override
  public List<Tag> tags(SourceConfig config) {
    List<Tag> tags = new ArrayList<>();
    for (Subscription subscription : config.subscriptions()) {
      TopicPattern pattern = TopicPattern.of(subscription.topic());
      String[] found = pattern.match(pattern.filter());
      if (!pattern.isPlain() || found == null) {
        continue; // The topics that come will say them.
      }
      List<Template> templates = Routes.templates(subscription);
      for (int i = 0; i < templates.size(); i++) {
        String name =
            templates
                .get(i)
                .fill(part -> pattern.wildcard(part) < 0 ? null : found[pattern.wildcard(part)])
                .text();
        if (name != null && tags.stream().noneMatch(tag -> tag.name().equals(name))) {
          boolean raw = subscription.readings().isEmpty();
          tags.add(
              new Tag(name, raw ? subscription.unit() : subscription.readings().get(i).unit(), ""));
        }
      }
    }
    return tags;
  }

  @Override
  public Source open(SourceConfig config, SourceContext context) throws InterruptedException {
    Duration timeout = config.broker().timeout().orElse(context.timeout());
    Inbox inbox = Subscribed.inbox(config.maxPayload());
    Transport transport =
        Transport.open(
            config.broker(),
            config.session(config.broker().clientId(context.name())),
            timeout,
            inbox::put);
    transport.onLost(inbox::wake);
    Tags tags = new Tags(config.maxTags());
    return new Subscribed(context, transport, inbox, tags, new TopicReader(config, tags));
  }

  @Override
  public void verify(SourceConfig config, Verification verification) {
    new SourceCheck(config).run(verification);
  }
}
