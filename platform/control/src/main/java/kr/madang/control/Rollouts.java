package kr.madang.control;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import kr.madang.control.Rollout.Stage;
import kr.madang.control.Rollout.State;
import kr.madang.control.store.Store;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of models from one champion to the next, while callers go on. A change that was not at
 * its end when the runtime stopped goes on after a restart, its stage from the start; until then,
 * and if a version is gone, the old version stands.
 */
public final class Rollouts {
  /** Of alarms that this ends by itself. */
  static final Set<String> CAUSES = Set.of("model.changing", "model.rolledBack", "model.fallback");

  private static final Logger LOG = LoggerFactory.getLogger(Rollouts.class);
  private static final long LOOK_MILLIS = 200;

  private final Guard guard;
  private final Serving serving;
  private final Aliases aliases;
  private final Inference inference;
  private final Store store;
  private final AlarmBook book;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final Map<String, Trying> running = new ConcurrentHashMap<>();
  private final Map<String, RolloutTable.Stored> ended = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  Rollouts(
      Guard guard,
      Serving serving,
      Aliases aliases,
      Inference inference,
      Store store,
      AlarmBook book,
      InstantSource clock,
      ThreadFactory threads) {
    this.guard = guard;
    this.serving = serving;
    this.aliases = aliases;
    this.inference = inference;
    this.store = store;
    this.book = book;
    this.clock = clock;
    this.threads = threads;
    serving.routes(
        new Serving.Routes() {
          @Override
          public String version(String model, String asked, String key) {
            return Rollouts.this.version(model, asked, key);
          }

          @Override
          public @Nullable Onlooker onlooker(String model, String asked) {
            return asked.isEmpty() ? running.get(model) : null;
          }
        });
    aliases.beforeChampion(this::superseded);
  }

  void load() {
    for (RolloutTable.Stored stored : store.transaction(RolloutTable::all)) {
      ended.put(stored.rollout().model(), stored);
    }
  }

  /** Takes up what was not at its end when the runtime stopped. May take long. */
  void resume() {
    for (RolloutTable.Stored stored : List.copyOf(ended.values())) {
      Rollout rollout = stored.rollout();
      if (rollout.state() != State.RUNNING) {
        continue;
      }
      Caller by = new Caller(stored.subject(), Role.OPERATOR, Set.of("*"));
      try {
        begin(by, rollout.model(), rollout.from(), rollout.wish(), rollout.stage());
        LOG.info("model {} goes on changing to version {}", rollout.model(), rollout.to());
      } catch (PluginException e) {
        Rollout given =
            new Rollout(
                rollout.model(),
                rollout.from(),
                rollout.wish(),
                rollout.stage(),
                State.ROLLED_BACK,
                "after a restart of the runtime it cannot go on: " + e.getMessage(),
                rollout.since(),
                Optional.of(clock.instant()),
                rollout.seen());
        keep(given, by);
        tell(given);
      }
    }
  }

  /** The exact version that is meant; empty for the highest there is. */
  private String version(String model, String asked, String key) {
    if (asked.isEmpty()) {
      Trying trying = running.get(model);
      if (trying != null) {
        // what has come to its end stands as it is said to, also before the alias is written
        return switch (trying.state()) {
          case RUNNING -> trying.takes(key) ? trying.wish.version() : trying.from;
          case PROMOTED -> trying.wish.version();
          case ROLLED_BACK, COMPARED -> trying.from;
        };
      }
    }
    return aliases.version(model, asked);
  }

  /** The aliases of a model: {@code champion} answers calls without a version. */
  public Map<String, String> aliases(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return aliases.of(model);
  }

  /**
   * Lets an alias stand for a version, which is loaded first: callers never wait for it.
   *
   * @throws PluginException NOT_FOUND if there is no such version; why it cannot be loaded
   */
  public Map<String, String> alias(Caller caller, String model, String alias, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    return aliases.set(caller, model, alias, version);
  }

  /** Removes an alias. */
  public void unalias(Caller caller, String model, String alias) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    aliases.remove(caller, model, alias);
  }

  /**
   * Begins a change: the new version is loaded beside the old one and warmed, then runs copies of
   * the calls, or gets its share of them, and is watched. It is given up by itself when something
   * speaks against it; else it is the champion at the end.
   *
   * @throws PluginException CONFLICT while another change of this model goes on, or if callers of
   *     the old version would stumble over the tensors of the new one
   */
  public Rollout start(Caller caller, String model, Rollout.Wish wish) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    String from = serving.standsFor(model);
    if (from.equals(wish.version())) {
      throw new PluginException(
          ControlError.CONFLICT, "version " + from + " stands for model '" + model + "' already");
    }
    return begin(caller, model, from, wish, wish.first()).view();
  }

  private Trying begin(Caller caller, String model, String from, Rollout.Wish wish, Stage stage) {
    LoadedModel old = serving.loaded(model, from);
    LoadedModel fresh = serving.loaded(model, wish.version());
    Fit.misfit(old, fresh)
        .ifPresent(misfit -> {
          letGo(model, wish.version());
          throw new PluginException(
              ControlError.CONFLICT,
              "version %s of model '%s' does not fit callers of version %s: %s; if that is meant, set the alias champion instead"
                  .formatted(wish.version(), model, from, misfit));
        });
    Trying trying = new Trying(model, from, caller, old, fresh, wish, stage, inference, clock);
    synchronized (running) {
      Trying other = running.get(model);
      if (other != null && other.state() == State.RUNNING) {
        trying.closeShadow();
        throw new PluginException(
            ControlError.CONFLICT,
            "model '%s' is changing to version %s already; end that first"
                .formatted(model, other.wish.version()));
      }
      // the version that stands must not move to the highest when the change is over
      aliases.stand(caller, model, Aliases.CHAMPION, from);
      serving.keep(model, from, true);
      serving.keep(model, wish.version(), true);
      keep(trying.view(), caller);
      running.put(model, trying);
    }
    book.clear(about(model, "model.rolledBack"), clock.instant());
    going(trying);
    threads.newThread(() -> interruptibly(trying::shadowed)).start();
    threads.newThread(() -> interruptibly(() -> watch(trying))).start();
    return trying;
  }

  private interface Interruptible {
    void run() throws InterruptedException;
  }

  private static void interruptibly(Interruptible work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch(Trying trying) throws InterruptedException {
    while (closing.getCount() > 0 && trying.state() == State.RUNNING) {
      if (!trying.judge()) {
        closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } else if (trying.state() == State.RUNNING) {
        keep(trying.view(), trying.by);
        going(trying);
      } else {
        finish(trying.by, trying);
      }
    }
  }

  /** Called by whoever has brought it to its end. */
  private void finish(Caller caller, Trying trying) {
    Rollout end = trying.view().with(trying.state(), clock.instant());
    boolean promoted = end.state() == State.PROMOTED;
    if (promoted) {
      aliases.stand(caller, trying.model, Aliases.CHAMPION, end.to());
    }
    keep(end, trying.by);
    running.remove(trying.model, trying);
    serving.keep(trying.model, trying.from, false);
    serving.keep(trying.model, end.to(), false);
    tell(end);
    // calls that are under way end well; then its memory is free
    letGo(trying.model, promoted ? trying.from : end.to());
  }

  private void letGo(String model, String version) {
    Trying other = running.get(model);
    boolean wanted =
        other != null && (version.equals(other.from) || version.equals(other.wish.version()));
    if (!wanted && !aliases.of(model).containsValue(version)) {
      serving.letGo(model, version);
    }
  }

  private void keep(Rollout rollout, Caller by) {
    ended.put(rollout.model(), new RolloutTable.Stored(rollout, by.subject()));
    store.transaction(rows -> {
      RolloutTable.put(rows, rollout, by.subject());
      return true;
    });
  }

  private void going(Trying trying) {
    book.raise(
        about(trying.model, "model.changing"),
        "low",
        "model %s is changing from version %s to %s: %s"
            .formatted(
                trying.model,
                trying.from,
                trying.wish.version(),
                trying.stage() == Stage.SHADOW
                    ? "it runs copies of calls"
                    : "it answers %.0f %% of the calls".formatted(trying.wish.share() * 100)),
        clock.instant());
  }

  private void tell(Rollout end) {
    book.clear(about(end.model(), "model.changing"), clock.instant());
    if (end.state() == State.ROLLED_BACK && !end.reason().isEmpty()) {
      LOG.warn("model {}@{} is rolled back: {}", end.model(), end.to(), end.reason());
      book.raise(
          about(end.model(), "model.rolledBack"),
          "high",
          "version %s of model %s was rolled back to %s: %s"
              .formatted(end.to(), end.model(), end.from(), end.reason()),
          clock.instant());
    }
  }

  /** Somebody says by hand who the champion is. */
  private void superseded(Caller caller, String model) {
    Trying trying = running.get(model);
    if (trying != null && trying.back("")) {
      finish(caller, trying);
    }
  }

  /** The latest change of a model. */
  public Optional<Rollout> get(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.VIEWER);
    Trying trying = running.get(model);
    // one that has ended a moment ago is written down before it is taken away here
    return trying != null
        ? Optional.of(trying.view())
        : Optional.ofNullable(ended.get(model)).map(RolloutTable.Stored::rollout);
  }

  /** The latest change of each model, by name. */
  public List<Rollout> list(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    List<Rollout> all = new ArrayList<>();
    ended.keySet().stream().sorted().forEach(model -> get(caller, model).ifPresent(all::add));
    return all;
  }

  /** Ends a change well, before its time. */
  public Rollout promote(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    return end(caller, going(model), Trying::promote);
  }

  /** Goes back to the old version, also after the new one has become the champion. */
  public Rollout back(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    RolloutTable.Stored last = ended.get(model);
    if (running.get(model) == null
        && last != null
        && last.rollout().state() == State.PROMOTED
        && serving.standsFor(model).equals(last.rollout().to())) {
      serving.loaded(model, last.rollout().from());
      aliases.stand(caller, model, Aliases.CHAMPION, last.rollout().from());
      keep(last.rollout().with(State.ROLLED_BACK, clock.instant()), caller);
      letGo(model, last.rollout().to());
      return get(caller, model).orElseThrow();
    }
    return end(caller, going(model), trying -> trying.back(""));
  }

  private Rollout end(Caller caller, Trying trying, Predicate<Trying> how) {
    if (how.test(trying)) {
      finish(caller, trying);
    }
    return get(caller, trying.model).orElseThrow();
  }

  private static AlarmBook.Subject about(String model, String cause) {
    return new AlarmBook.Subject("", "", model, cause);
  }

  /** What of this uses a version of a model: aliases, and a change that goes on. */
  List<String> users(String model, String version) {
    List<String> users = new ArrayList<>();
    aliases
        .of(model)
        .forEach((alias, stands) -> {
          if (stands.equals(version)) {
            users.add("alias " + alias);
          }
        });
    Trying trying = running.get(model);
    if (trying != null
        && trying.state() == State.RUNNING
        && (trying.from.equals(version) || trying.wish.version().equals(version))) {
      users.add("the rollout of version " + trying.wish.version());
    }
    return users;
  }

  /** Watches no more. */
  void close() {
    closing.countDown();
    running.values().forEach(Trying::closeShadow);
  }

  private Trying going(String model) {
    Trying trying = running.get(model);
    if (trying == null || trying.state() != State.RUNNING) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model '" + model + "' is not changing to another version");
    }
    return trying;
  }
}
