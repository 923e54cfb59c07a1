package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;

/** A Sparkplug B host application. */
final class SparkplugSource implements SourceFactory<SparkplugConfig> {
  @Override
  public String name() {
    return "sparkplug";
  }

  @Override
  public String title() {
    return "Sparkplug B host application";
  }

  @Override
  public Class<SparkplugConfig> config() {
    return SparkplugConfig.class;
  }

  @Override
  public Source open(SparkplugConfig config, SourceContext context) throws InterruptedException {
    Duration timeout = config.broker().timeout().orElse(context.timeout());
    Inbox inbox = Subscribed.inbox(config.maxPayload());
    long since = context.clock().instant().toEpochMilli();
    Transport transport =
        Transport.open(
            config.broker(),
            Session.passing(
                config.broker().clientId(context.name()),
                config.hostId().map(id -> new State(false, since).message(id)),
                SourceConfig.maxPacket(config.maxPayload())),
            timeout,
            inbox::put);
    transport.onLost(inbox::wake);
    Tags tags = new Tags(config.maxTags());
    return new Subscribed(
        context, transport, inbox, tags, new SparkplugReader(config, context, tags, since));
  }

  @Override
  public void verify(SparkplugConfig config, Verification verification) {
    Inbox inbox = new Inbox(1, 1);
    inbox.close(); // Nothing is read.
    BrokerCheck.reach(config.broker(), verification);
    verification.step(
        "log in to " + config.broker().target() + " and subscribe",
        () -> {
          try (Transport transport = BrokerCheck.connect(config.broker(), inbox)) {
            for (String group : config.groups()) {
              transport.subscribe(
                  List.of(new Wanted(SparkplugTopic.NAMESPACE + "/" + group + "/+/#", 1)));
            }
          }
        });
  }
}
