package kr.madang.plugins.mqtt;

import java.util.List;

/** Reads messages as the subscriptions say. */
final class TopicReader implements Reader {
  private final SourceConfig config;
  private final Routes routes;

  TopicReader(SourceConfig config, Tags tags) {
    this.config = config;
    routes = new Routes(config.subscriptions(), tags, config.maxPayload(), config.maxTags());
  }

  @Override
  public List<Wanted> wanted() {
    return config.wanted();
  }

  @Override
  public void read(Message message, Readings out) throws Misfit {
    if (message.payload().length > config.maxPayload()) {
      throw new Misfit(
          "payload",
          "at most " + config.maxPayload() + " bytes (maxPayload)",
          message.payload().length + " bytes");
    }
    Route route = routes.of(message.topic());
    if (route == null) {
      throw new Misfit(
          "topic", "one that a subscription matches (an older session has more)", "none");
    }
    route.decoder().decode(route, message.payload(), out);
  }
}
