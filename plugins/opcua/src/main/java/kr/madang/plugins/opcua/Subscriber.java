package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kr.madang.sdk.batch.Quality;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSubscriptionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.DeleteSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoringParameters;

/** Makes subscriptions and their monitored items, within what the server allows. */
final class Subscriber {
  /** The longest message that is asked for; bounds the memory of what waits to be written. */
  private static final int MOST_NOTIFICATIONS = 10_000;

  private static final Duration LIFETIME = Duration.ofMinutes(1);

  private final OpcUaConfig config;
  private final Revisions revisions;

  Subscriber(OpcUaConfig config, Revisions revisions) {
    this.config = config;
    this.revisions = revisions;
  }

  /** Makes subscriptions for these targets; those that the server refuses are told by status. */
  List<Subscription> subscribe(Server server, List<Target> targets) throws InterruptedException {
    List<Subscription> made = new ArrayList<>();
    List<Target> left = new ArrayList<>(targets);
    while (!left.isEmpty()) {
      int size = Math.min(left.size(), config.tagsPerSubscription());
      Subscription subscription = create(server);
      made.add(subscription);
      List<Target> tooMany = monitor(server, subscription, left.subList(0, size));
      List<Target> rest = new ArrayList<>(tooMany);
      rest.addAll(left.subList(size, left.size()));
      if (subscription.targets().isEmpty() && !tooMany.isEmpty()) {
        // An empty subscription takes none either: the server is full.
        subscription.refused().addAll(rest);
        rest.forEach(it -> it.problem((int) StatusCodes.Bad_TooManyMonitoredItems));
        return made;
      }
      left = rest;
    }
    return made;
  }

  private Subscription create(Server server) throws InterruptedException {
    double publishing = config.publishingInterval().toMillis();
    long keepAlive = Math.max(1, (long) (config.keepAlive().toMillis() / publishing));
    long life = Math.max(3 * keepAlive, (long) Math.ceil(LIFETIME.toMillis() / publishing));
    CreateSubscriptionResponse made =
        server
            .session()
            .call(
                CreateSubscriptionResponse.class,
                "make a subscription",
                header ->
                    new CreateSubscriptionRequest(
                        header,
                        publishing,
                        uint(Math.min(life, UInteger.MAX_VALUE)),
                        uint(keepAlive),
                        uint(MOST_NOTIFICATIONS),
                        true,
                        ubyte(0)));
    double revised = sane(made.getRevisedPublishingInterval(), publishing);
    long count = Math.clamp(made.getRevisedMaxKeepAliveCount().longValue(), 1, 1_000_000_000L);
    revisions.publishing(config.publishingInterval(), revised);
    double silence = Math.min(revised * (count + 1), Duration.ofDays(1).toMillis());
    return new Subscription(
        made.getSubscriptionId(), (long) (silence * 1_000_000), System.nanoTime());
  }

  private static double sane(@org.jspecify.annotations.Nullable Double got, double asked) {
    return got != null && got >= 0 && Double.isFinite(got) ? got : asked;
  }

  /**
   * Adds items to a subscription.
   *
   * @return those for which the server has no room in this subscription
   */
  List<Target> monitor(Server server, Subscription subscription, List<Target> targets)
      throws InterruptedException {
    List<Target> tooMany = new ArrayList<>();
    int step = server.limits().monitor();
    List<Target> askable = new ArrayList<>();
    for (Target target : targets) {
      (target.problem() == 0 ? askable : subscription.refused()).add(target);
    }
    for (int from = 0; from < askable.size(); from += step) {
      List<Target> part = askable.subList(from, Math.min(askable.size(), from + step));
      MonitoredItemCreateRequest[] items =
          part.stream().map(it -> request(server, it)).toArray(MonitoredItemCreateRequest[]::new);
      String what = "monitor " + part.size() + " nodes";
      MonitoredItemCreateResult[] results =
          Server.same(
              what,
              items.length,
              server
                  .session()
                  .call(
                      CreateMonitoredItemsResponse.class,
                      what,
                      header ->
                          new CreateMonitoredItemsRequest(
                              header, subscription.id(), TimestampsToReturn.Both, items))
                  .getResults());
      for (int i = 0; i < results.length; i++) {
        Target target = part.get(i);
        int status = Faults.code(results[i].getStatusCode());
        if (!Quality.isBad(status)) {
          target.problem(0);
          subscription.targets().add(target);
          revisions.item(
              target.item(),
              config.samplingInterval(target.item()),
              results[i].getRevisedSamplingInterval(),
              target.item().queueSize().orElse(config.queueSize()),
              results[i].getRevisedQueueSize());
        } else if ((status & 0xFFFF_0000L) == StatusCodes.Bad_TooManyMonitoredItems) {
          tooMany.add(target);
        } else {
          target.problem(status);
          subscription.refused().add(target);
        }
      }
    }
    return tooMany;
  }

  private MonitoredItemCreateRequest request(Server server, Target target) {
    Item item = target.item();
    ExtensionObject filter =
        item.deadband().isEmpty()
            ? null
            : ExtensionObject.encode(
                server.session().wire().encoding(),
                new DataChangeFilter(
                    DataChangeTrigger.StatusValue,
                    uint(item.deadbandType() == Deadband.ABSOLUTE ? 1 : 2),
                    item.deadband().get()));
    return new MonitoredItemCreateRequest(
        Server.read(
            Objects.requireNonNull(target.id().orElse(null)),
            Server.VALUE,
            item.range().orElse(null)),
        MonitoringMode.Reporting,
        new MonitoringParameters(
            uint(target.handle()),
            (double) config.samplingInterval(item).toMillis(),
            filter,
            uint(item.queueSize().orElse(config.queueSize())),
            item.discardOldest().orElse(config.discardOldest())));
  }

  /** Gives a subscription up at the server. */
  static void delete(Server server, UInteger subscription) throws InterruptedException {
    try {
      server
          .session()
          .call(
              DeleteSubscriptionsResponse.class,
              "end a subscription",
              header -> new DeleteSubscriptionsRequest(header, new UInteger[] {subscription}));
    } catch (kr.madang.sdk.error.PluginException e) {
      // It ends by itself when nobody asks for its messages.
    }
  }
}
