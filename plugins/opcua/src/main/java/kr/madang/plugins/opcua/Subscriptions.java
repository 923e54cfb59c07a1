package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferResult;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;

/**
 * The subscriptions of a source and the order of their messages. A message that is missing is asked
 * for again; if the server has it no more, its tags become Bad as {@code DataLost} and are
 * subscribed anew.
 */
final class Subscriptions {
  /** The server does not hold what it promised; another session may fare better. */
  static final ErrorCode LOST = new ErrorCode("SUBSCRIPTIONS_LOST", Blame.EXTERNAL, true);

  private static final int MOST_ASKED = 20;
  private static final int MOST_MISSING = 1_000;
  private static final int MOST_RENEWALS = 20;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final Feed feed;
  private final Inbox inbox;
  private final Map<UInteger, Subscription> all = new LinkedHashMap<>();
  private final List<SubscriptionAcknowledgement> read = new ArrayList<>();
  private final Set<UInteger> strangers = new HashSet<>();
  private int asked;
  private int made;
  private int mostAsked = MOST_ASKED;
  private int renewals;
  private long renewalsSince = System.nanoTime();

  Subscriptions(Feed feed, Inbox inbox) {
    this.feed = feed;
    this.inbox = inbox;
  }

  Collection<Subscription> all() {
    return all.values();
  }

  void add(List<Subscription> fresh, Outlet out) throws InterruptedException {
    strangers.clear();
    made += fresh.size();
    for (Subscription subscription : fresh) {
      all.put(subscription.id(), subscription);
      out.problems(subscription.refused());
    }
  }

  /** Asks for messages, so that the server always has a few questions to answer. */
  void ask() {
    int wanted = all.isEmpty() ? 0 : Math.min(mostAsked, all.size() + 3);
    while (asked < wanted) {
      SubscriptionAcknowledgement[] settled = read.toArray(SubscriptionAcknowledgement[]::new);
      read.clear();
      asked++;
      inbox.expect(feed.server().session().publish(settled), made);
    }
  }

  /** Reads one message. */
  void take(PublishResponse response, Outlet out) throws InterruptedException {
    asked--;
    Subscription subscription = all.get(response.getSubscriptionId());
    NotificationMessage message = response.getNotificationMessage();
    if (subscription == null || message == null) {
      if (strangers.add(response.getSubscriptionId())) {
        // Given up, or made by a request whose answer was lost: it must not use up our questions.
        Subscriber.delete(feed.server(), response.getSubscriptionId());
      }
      return;
    }
    long sequence = message.getSequenceNumber().longValue();
    if (subscription.last() != 0
        && subscription.ahead(sequence) > 0
        && !catchUp(subscription, sequence, out)) {
      renew(subscription, Quality.BAD_DATA_LOST, out);
      return;
    }
    deliver(subscription, message, out);
    long now = System.nanoTime();
    subscription.heard(now);
  }

  private void deliver(Subscription subscription, NotificationMessage message, Outlet out)
      throws InterruptedException {
    ExtensionObject[] parts = message.getNotificationData();
    if (parts == null || parts.length == 0) {
      return; // A sign of life, which takes no number.
    }
    long sequence = message.getSequenceNumber().longValue();
    boolean fresh = subscription.last() == 0 || subscription.ahead(sequence) >= 0;
    if (fresh) {
      long before = System.nanoTime();
      int ended = out.message(parts);
      subscription.read(sequence);
      if (System.nanoTime() - before > TimeUnit.SECONDS.toNanos(1)) {
        // The pipeline was full: that the others were not heard is not their fault.
        long now = System.nanoTime();
        all.values().forEach(it -> it.heard(now));
      }
      if (ended != 0) {
        feed.log().warn("the server ended a subscription: {}", Faults.name(ended));
        renew(subscription, Quality.BAD_NO_COMMUNICATION, out);
        return;
      }
    }
    read.add(new SubscriptionAcknowledgement(subscription.id(), uint(sequence)));
  }

  /** Asks again for the messages before a number; false if one of them is lost. */
  private boolean catchUp(Subscription subscription, long upTo, Outlet out)
      throws InterruptedException {
    long missing = subscription.ahead(upTo);
    if (missing > MOST_MISSING) {
      feed.log().warn("{} messages of a subscription are missing", missing);
      return false;
    }
    while (all.containsKey(subscription.id()) && subscription.ahead(upTo) > 0) {
      if (!(again(subscription, out) instanceof Again.Read)) {
        feed.log().warn("message {} of a subscription is lost", subscription.next());
        return false;
      }
    }
    return true;
  }

  private Again again(Subscription subscription, Outlet out) throws InterruptedException {
    long sequence = subscription.next();
    Again again = Again.ask(feed.server(), subscription.id(), sequence);
    if (again instanceof Again.Read(NotificationMessage message)) {
      deliver(subscription, message, out);
      if (subscription.last() != sequence) {
        subscription.read(sequence); // Without content: nothing to write, and nothing missing.
      }
    }
    return again;
  }

  /** The same session on a new connection: reads what came meanwhile. */
  void resume(Outlet out) throws InterruptedException {
    asked = 0;
    read.clear();
    for (Subscription subscription : List.copyOf(all.values())) {
      if (!drain(subscription, out)) {
        renew(subscription, Quality.BAD_NO_COMMUNICATION, out);
      }
      subscription.heard(System.nanoTime());
    }
  }

  private boolean drain(Subscription subscription, Outlet out) throws InterruptedException {
    for (int i = 0; i < MOST_MISSING && all.containsKey(subscription.id()); i++) {
      Again got = again(subscription, out);
      if (!(got instanceof Again.Read)) {
        return got instanceof Again.NotThere;
      }
    }
    return !all.containsKey(subscription.id());
  }

  /** A new session: takes the subscriptions over, or makes them anew. */
  void move(Outlet out) throws InterruptedException {
    asked = 0;
    read.clear();
    List<Subscription> old = List.copyOf(all.values());
    TransferResult[] results = transfer(old);
    List<Target> left = new ArrayList<>();
    for (int i = 0; i < old.size(); i++) {
      Subscription subscription = old.get(i);
      boolean taken =
          i < results.length
              && results[i].getStatusCode().isGood()
              && goOn(subscription, results[i], out);
      if (!taken && all.remove(subscription.id()) != null) {
        left.addAll(subscription.targets());
        left.addAll(subscription.refused());
      }
      subscription.heard(System.nanoTime());
    }
    if (!left.isEmpty()) {
      count();
      feed.renew(left, Quality.BAD_NO_COMMUNICATION, out);
    }
  }

  private TransferResult[] transfer(List<Subscription> old) throws InterruptedException {
    UInteger[] ids = old.stream().map(Subscription::id).toArray(UInteger[]::new);
    if (ids.length == 0) {
      return new TransferResult[0];
    }
    try {
      TransferResult[] results =
          feed.server()
              .session()
              .call(
                  TransferSubscriptionsResponse.class,
                  "take over subscriptions",
                  header -> new TransferSubscriptionsRequest(header, ids, true))
              .getResults();
      return results == null ? new TransferResult[0] : results;
    } catch (PluginException e) {
      if (!feed.server().session().wire().alive()) {
        throw e;
      }
      feed.log().info("{}; subscribing anew", e.getMessage());
      return new TransferResult[0];
    }
  }

  /** Reads what the server kept; false if something is missing. */
  private boolean goOn(Subscription subscription, TransferResult result, Outlet out)
      throws InterruptedException {
    UInteger[] kept = result.getAvailableSequenceNumbers();
    for (UInteger number : kept == null ? new UInteger[0] : kept) {
      long ahead = subscription.ahead(number.longValue());
      if (ahead > 0) {
        return false;
      }
      if (ahead == 0 && !(again(subscription, out) instanceof Again.Read)) {
        return false;
      }
    }
    return all.containsKey(subscription.id());
  }

  private void renew(Subscription subscription, int why, Outlet out) throws InterruptedException {
    if (all.remove(subscription.id()) == null) {
      return;
    }
    count();
    List<Target> of = new ArrayList<>(subscription.targets());
    of.addAll(subscription.refused());
    feed.renew(of, why, out);
    // After the new one is there: a server without any subscription refuses what we ask.
    strangers.add(subscription.id());
    Subscriber.delete(feed.server(), subscription.id());
  }

  /** A server that loses everything at once must not be asked without a pause. */
  private void count() {
    long now = System.nanoTime();
    if (now - renewalsSince > MINUTE) {
      renewals = 0;
      renewalsSince = now;
    }
    if (++renewals > MOST_RENEWALS + all.size()) {
      renewals = 0;
      throw new PluginException(
          LOST, "the server lost subscriptions " + MOST_RENEWALS + " times within a minute");
    }
  }

  /** A question for a message was refused. */
  void failed(Inbox.Failure failed, Outlet out) throws InterruptedException {
    asked = Math.max(0, asked - 1);
    long code = Faults.code(failed.failure()).orElse(0) & 0xFFFF_0000L;
    if (code == StatusCodes.Bad_TooManyPublishRequests && asked > 0) {
      mostAsked = Math.max(1, asked);
    } else if (code == StatusCodes.Bad_NoSubscription) {
      if (failed.made() != made) {
        return; // It is about subscriptions that were given up since.
      }
      List<Target> of = new ArrayList<>();
      for (Subscription subscription : all.values()) {
        of.addAll(subscription.targets());
        of.addAll(subscription.refused());
      }
      if (!of.isEmpty()) {
        all.clear();
        count();
        feed.log().warn("the server has forgotten the subscriptions");
        feed.renew(of, Quality.BAD_NO_COMMUNICATION, out);
      }
    } else {
      throw Faults.of("ask for messages", failed.failure());
    }
  }

  /** Throws when a subscription that should have spoken did not. */
  void checkSilence(long allowance) {
    long now = System.nanoTime();
    for (Subscription subscription : all.values()) {
      if (subscription.silent(now, allowance)) {
        throw new PluginException(
            ErrorCode.TIMEOUT, "no message of a subscription for longer than its keep-alive time");
      }
    }
  }
}
