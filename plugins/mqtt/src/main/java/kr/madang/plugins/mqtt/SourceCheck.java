package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Checks the config of a source against its broker. Acknowledges nothing, keeps no session. */
final class SourceCheck {
  private static final long FIRST_MESSAGE_MILLIS = 2_000;

  private final SourceConfig config;
  private final Inbox inbox;
  private @Nullable Transport transport;

  SourceCheck(SourceConfig config) {
    this.config = config;
    inbox = Subscribed.inbox(config.maxPayload());
  }

  void run(Verification verification) {
    try {
      BrokerCheck.reach(config.broker(), verification);
      verification.step(
          "log in to " + config.broker().target(),
          () -> transport = BrokerCheck.connect(config.broker(), inbox));
      List<Message> first = new ArrayList<>();
      for (Subscription subscription : config.subscriptions()) {
        verification.step("subscribe to " + subscription.topic(), () -> subscribe(subscription));
      }
      verification.step(
          "wait " + FIRST_MESSAGE_MILLIS / 1_000 + " s for a message (none is fine)",
          () -> inbox.take(first, 1, FIRST_MESSAGE_MILLIS));
      if (!first.isEmpty()) {
        verification.step(
            "read the message on " + Shown.text(first.getFirst().topic()),
            () -> read(first.getFirst()));
      }
    } finally {
      inbox.close();
      if (transport != null) {
        transport.close();
      }
    }
  }

  private void subscribe(Subscription subscription) throws InterruptedException {
    if (transport == null) {
      throw new IllegalStateException("not connected");
    }
    String filter = TopicPattern.of(subscription.topic()).filter();
    // Out of the group: what a check is given, the group would miss.
    String alone =
        filter.startsWith("$share/") ? filter.substring(filter.indexOf('/', 7) + 1) : filter;
    int granted = transport.subscribe(List.of(new Wanted(alone, subscription.qos()))).getFirst();
    if (granted < subscription.qos()) {
      throw new PluginException(
          ErrorCode.REFUSED,
          "subscriptions.qos: expected "
              + subscription.qos()
              + ", got "
              + granted
              + " from the broker; lower it or change the broker");
    }
  }

  private void read(Message message) {
    try {
      new TopicReader(config, new Tags(config.maxTags())).read(message, new Readings());
    } catch (Misfit misfit) {
      throw new PluginException(ErrorCode.BAD_DATA, misfit.why());
    }
  }
}
