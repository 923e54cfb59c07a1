package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Browsable;
import kr.madang.sdk.source.Commandable;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.source.Tag;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.slf4j.Logger;

/**
 * The running source. One thread does it all: it asks for messages, writes their rows and mends
 * what breaks; answers come to it through {@link Inbox}. A lost connection is mended in place as
 * long as the server keeps the subscriptions and nobody could have missed anything; else the rows
 * say so, or the host is asked to begin anew.
 */
final class Feed implements SubscribedSource, Browsable, Commandable {
  private static final Duration LEAST_GRACE = Duration.ofSeconds(3);
  private static final Duration MOST_GRACE = Duration.ofSeconds(10);
  private static final long RETRY_REFUSED = TimeUnit.SECONDS.toNanos(30);
  private static final Duration SKEW = Duration.ofHours(1);

  private final OpcUaConfig config;
  private final SourceContext context;
  private final Logger log;
  private final Access access;
  private final List<Target> targets;
  private final Map<String, Target> byTag = new HashMap<>();
  private final Revisions revisions = new Revisions();
  private final Oddities odd;
  private final Subscriber subscriber;
  private final Subscriptions subscriptions;
  private final Inbox inbox = new Inbox();
  private final ReentrantLock browsing = new ReentrantLock();
  private final Browser browser = new Browser();
  private volatile Server server;
  // Targets whose subscriptions are being made anew.
  private final Set<Target> homeless = new LinkedHashSet<>();

  private Feed(
      OpcUaConfig config,
      SourceContext context,
      Access access,
      List<Target> targets,
      Server server) {
    this.config = config;
    this.context = context;
    this.log = context.logger();
    this.access = access;
    this.targets = targets;
    this.server = server;
    this.odd = new Oddities(log, context.clock());
    this.subscriber = new Subscriber(config, revisions);
    this.subscriptions = new Subscriptions(this, inbox);
    for (Target target : targets) {
      byTag.put(target.item().tag(), target);
    }
  }

  /**
   * Connects, signs in and looks at the nodes. The connection is the host's, also after a failure.
   */
  static Feed open(OpcUaConfig config, SourceContext context) throws InterruptedException {
    Duration timeout = config.timeout().orElse(context.timeout());
    Access access = Access.find(config, timeout, context.clock());
    List<Target> targets = targets(config);
    Session session = access.open(access.connect(context), context.name());
    try {
      Server server = Server.of(session);
      Survey.of(targets, server);
      return new Feed(config, context, access, targets, server);
    } catch (RuntimeException | InterruptedException e) {
      session.close();
      throw e;
    }
  }

  static List<Target> targets(OpcUaConfig config) {
    List<Target> targets = new ArrayList<>();
    for (Item item : config.tags()) {
      targets.add(new Target(targets.size(), item));
    }
    return targets;
  }

  @Override
  public void run(SampleEmitter emitter) throws Exception {
    Outlet outlet = new Outlet(emitter, targets, odd);
    inbox.watch(server.session().wire());
    start(outlet);
    while (!outlet.stopping()) {
      try {
        turn(outlet);
      } catch (PluginException e) {
        if (e.code().equals(ErrorCode.PROTOCOL) || e.code().equals(Subscriptions.LOST)) {
          throw e; // The same server would send the same again.
        }
        mend(e, outlet);
      }
    }
  }

  private void start(Outlet outlet) throws InterruptedException {
    Optional<Instant> since = config.backfill() ? since() : Optional.empty();
    Instant now = context.clock().instant();
    if (since.isPresent()) {
      // Most of the gap is read before anything queues up at the server, the rest after.
      new Backfill(server, outlet, log).fill(targets, since.get(), now);
    }
    subscriptions.add(subscriber.subscribe(server, targets), outlet);
    if (since.isPresent()) {
      new Backfill(server, outlet, log).fill(targets, now, now.plus(SKEW));
    }
    revisions.take().forEach(log::info);
    subscriptions.ask();
  }

  /** Where the gap begins: a little earlier than the last row, since tags are not in step. */
  private Optional<Instant> since() {
    Instant now = context.clock().instant();
    Instant earliest = now.minus(config.backfillAtMost());
    return context
        .latest()
        .map(it -> it.minus(config.publishingInterval().multipliedBy(2)))
        .map(it -> it.isBefore(earliest) ? earliest : it)
        .filter(it -> it.isBefore(now));
  }

  private void turn(Outlet outlet) throws InterruptedException {
    Inbox.Letter letter = inbox.next();
    if (letter == null) {
      subscriptions.checkSilence(access.timeout().toNanos());
      retryRefused(outlet);
      return;
    }
    switch (letter) {
      case Inbox.Answer(PublishResponse response) -> subscriptions.take(response, outlet);
      case Inbox.Failure failed -> subscriptions.failed(failed, outlet);
      case Inbox.Ended _ ->
          throw new PluginException(
              ErrorCode.UNREACHABLE, "connection to " + config.endpoint() + " was lost");
    }
    subscriptions.ask();
  }

  private void retryRefused(Outlet outlet) throws InterruptedException {
    for (Subscription subscription : subscriptions.all()) {
      if (subscription.tryAgain(System.nanoTime(), RETRY_REFUSED)) {
        List<Target> again = new ArrayList<>(subscription.refused());
        subscription.refused().clear();
        Survey.of(again, server);
        subscription.refused().addAll(subscriber.monitor(server, subscription, again));
        outlet.problems(subscription.refused());
      }
    }
  }

  /** Makes the subscriptions of these anew; their first message brings the values of now. */
  void renew(List<Target> of, int why, Outlet outlet) throws InterruptedException {
    homeless.addAll(of);
    outlet.bad(of, why);
    Survey.of(of, server);
    subscriptions.add(subscriber.subscribe(server, of), outlet);
    of.forEach(homeless::remove);
    revisions.take().forEach(log::info);
  }

  Server server() {
    return server;
  }

  Logger log() {
    return log;
  }

  /** Comes back to the server within a while, or throws why that cannot be. */
  private void mend(PluginException cause, Outlet outlet) throws InterruptedException {
    if (!cause.code().retriable()) {
      throw cause;
    }
    log.warn("{}; coming back", cause.getMessage());
    if (cause.code().equals(ErrorCode.TIMEOUT)) {
      // Silence: what else uses the connection is no better off.
      server.session().wire().close();
    }
    Duration grace = config.keepAlive();
    grace = grace.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : grace;
    grace = grace.compareTo(MOST_GRACE) > 0 ? MOST_GRACE : grace;
    long end = System.nanoTime() + grace.toNanos();
    PluginException last = cause;
    long pause = 50;
    while (!outlet.stopping()) {
      inbox.renew();
      if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause) > end) {
        throw new PluginException(
            last.code(),
            "did not come back within " + grace.toSeconds() + " s: " + last.getMessage(),
            last);
      }
      inbox.rest(pause);
      pause = Math.min(1_000, 2 * pause);
      Wire wire = null;
      try {
        wire = access.connect(context);
        inbox.watch(wire);
        comeBack(wire, outlet);
        log.info("back at {}", config.endpoint());
        return;
      } catch (PluginException e) {
        if (wire != null && e.code().equals(ErrorCode.TIMEOUT)) {
          wire.close();
        }
        if (!e.code().retriable()) {
          throw e;
        }
        last = e;
      }
    }
  }

  private void comeBack(Wire wire, Outlet outlet) throws InterruptedException {
    Session session = server.session();
    boolean same = true;
    try {
      session.activate(wire);
    } catch (PluginException e) {
      if (!wire.alive()) {
        throw e;
      }
      same = false;
    }
    if (same) {
      subscriptions.resume(outlet);
    } else {
      Session fresh = access.open(wire, context.name());
      server = Server.of(fresh);
      subscriptions.move(outlet);
    }
    if (!homeless.isEmpty()) {
      renew(List.copyOf(homeless), Quality.BAD_NO_COMMUNICATION, outlet);
    }
    subscriptions.ask();
  }

  @Override
  public List<Tag> browse(String place, String after, int atMost) throws Exception {
    browsing.lockInterruptibly();
    try {
      return browser.page(server, place, after, atMost);
    } finally {
      browsing.unlock();
    }
  }

  @Override
  public double command(String tag, double value) throws Exception {
    Target target = byTag.get(tag);
    if (target == null) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "there is no tag '" + tag + "' in this source; see tags");
    }
    return Commander.write(server, target, value);
  }

  @Override
  public void close() throws Exception {
    odd.summary();
    inbox.forget();
    boolean interrupted = Thread.interrupted();
    try {
      server.session().close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
