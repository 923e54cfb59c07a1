package kr.madang.control;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import kr.madang.control.store.Store;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What names of models stand for: aliases, of which {@code champion} is the version that answers
 * calls without a version, and changes from one champion to the next. A change that was not at its
 * end when the runtime stopped is forgotten; the old version stands.
 */
public final class Rollouts {
  static final String CHAMPION = "champion";

  private static final Logger LOG = LoggerFactory.getLogger(Rollouts.class);
  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9._-]{0,62}");
  private static final long LOOK_MILLIS = 200;

  private final Guard guard;
  private final Serving serving;
  private final Store store;
  private final AlarmBook book;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final Map<String, Map<String, String>> aliases = new ConcurrentHashMap<>();
  private final Map<String, Trying> running = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  Rollouts(
      Guard guard,
      Serving serving,
      Store store,
      AlarmBook book,
      InstantSource clock,
      ThreadFactory threads) {
    this.guard = guard;
    this.serving = serving;
    this.store = store;
    this.book = book;
    this.clock = clock;
    this.threads = threads;
    serving.routes(this::version);
  }

  void load() {
    store.transaction(rows ->
        rows.read(
            "SELECT model, alias, version FROM alias",
            row -> {
              aliases
                  .computeIfAbsent(row.getString(1), _ -> new ConcurrentHashMap<>())
                  .put(row.getString(2), row.getString(3));
              return true;
            }));
  }

  /** The exact version that is meant; empty for the highest there is. */
  String version(String model, String asked, String key) {
    if (asked.isEmpty()) {
      Trying trying = running.get(model);
      if (trying != null && trying.state() == Rollout.State.RUNNING) {
        return trying.takes(key) ? trying.wish.version() : trying.from;
      }
    }
    Map<String, String> known = aliases.get(model);
    return known == null ? asked : known.getOrDefault(asked.isEmpty() ? CHAMPION : asked, asked);
  }

  /** The aliases of a model. */
  public Map<String, String> aliases(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return Map.copyOf(aliases.getOrDefault(model, Map.of()));
  }

  /**
   * Lets an alias stand for a version, which is loaded first: callers never wait for it.
   *
   * @throws PluginException NOT_FOUND if there is no such version; why it cannot be loaded
   */
  public Map<String, String> alias(Caller caller, String model, String alias, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    if (!ALIAS.matcher(alias).matches()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "alias: expected a small letter and then 62 letters, digits, '.', '_' or '-' at most, got '"
              + alias
              + "'");
    }
    serving.loaded(model, version);
    Trying trying = running.get(model);
    if (alias.equals(CHAMPION) && trying != null) {
      trying.back("");
    }
    stand(caller, model, alias, version);
    return aliases(caller, model);
  }

  /** Removes an alias. */
  public void unalias(Caller caller, String model, String alias) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    if (!aliases.getOrDefault(model, Map.of()).containsKey(alias)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model '" + model + "' has no alias '" + alias + "'");
    }
    store.transaction(rows -> {
      rows.change("DELETE FROM alias WHERE model = ? AND alias = ?", model, alias);
      guard.note(rows, caller, "model.unalias", model, alias);
      return true;
    });
    aliases.getOrDefault(model, new HashMap<>()).remove(alias);
  }

  private void stand(Caller caller, String model, String alias, String version) {
    store.transaction(rows -> {
      rows.change(
          "INSERT INTO alias (model, alias, version, updated) VALUES (?, ?, ?, ?)"
              + " ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version,"
              + " updated = excluded.updated",
          model,
          alias,
          version,
          clock.millis());
      guard.note(rows, caller, "model.alias", model, alias + " is " + version);
      return true;
    });
    aliases.computeIfAbsent(model, _ -> new ConcurrentHashMap<>()).put(alias, version);
  }

  /**
   * Begins a change: the new version is loaded beside the old one and warmed, then gets its share
   * of the calls, and is watched. It is given up by itself when too many of its runs fail or take
   * too long; else it is the champion at the end.
   *
   * @throws PluginException CONFLICT while another change of this model goes on
   */
  public Rollout start(Caller caller, String model, Rollout.Wish wish) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    String from = serving.standsFor(model);
    if (from.equals(wish.version())) {
      throw new PluginException(
          ControlError.CONFLICT, "version " + from + " stands for model '" + model + "' already");
    }
    LoadedModel old = serving.loaded(model, from);
    LoadedModel fresh = serving.loaded(model, wish.version());
    Trying trying = new Trying(model, from, old, fresh, wish);
    synchronized (running) {
      Trying other = running.get(model);
      if (other != null && other.state() == Rollout.State.RUNNING) {
        throw new PluginException(
            ControlError.CONFLICT,
            "model '%s' is changing to version %s already; end that first"
                .formatted(model, other.wish.version()));
      }
      // the version that stands must not move to the highest when the change is over
      stand(caller, model, CHAMPION, from);
      running.put(model, trying);
    }
    book.clear(about(model), clock.instant());
    threads.newThread(() -> watch(caller, trying)).start();
    return trying.view();
  }

  private void watch(Caller caller, Trying trying) {
    try {
      while (closing.getCount() > 0 && trying.state() == Rollout.State.RUNNING) {
        if (trying.judge()) {
          finish(caller, trying);
        } else {
          closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void finish(Caller caller, Trying trying) {
    Rollout end = trying.view();
    if (end.state() == Rollout.State.PROMOTED) {
      stand(caller, trying.model, CHAMPION, end.to());
    } else if (!end.reason().isEmpty()) {
      LOG.warn("model {}@{} is rolled back: {}", end.model(), end.to(), end.reason());
      book.raise(
          about(end.model()),
          "high",
          "version %s of model %s was rolled back to %s: %s"
              .formatted(end.to(), end.model(), end.from(), end.reason()),
          clock.instant());
    }
  }

  /** The latest change of a model. */
  public Optional<Rollout> get(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return Optional.ofNullable(running.get(model)).map(Trying::view);
  }

  /** The latest change of each model. */
  public List<Rollout> list(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return running.values().stream().map(Trying::view).toList();
  }

  /** Ends a change well, before its time. */
  public Rollout promote(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    Trying trying = going(model);
    if (trying.promote()) {
      finish(caller, trying);
    }
    return trying.view();
  }

  /** Goes back to the old version. */
  public Rollout back(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    Trying trying = going(model);
    trying.back("");
    return trying.view();
  }

  private static AlarmBook.Subject about(String model) {
    return new AlarmBook.Subject("", "", model, "model.rolledBack");
  }

  /** What of this uses a version of a model: aliases, and a change that goes on. */
  List<String> users(String model, String version) {
    List<String> users = new ArrayList<>();
    aliases
        .getOrDefault(model, Map.of())
        .forEach((alias, stands) -> {
          if (stands.equals(version)) {
            users.add("alias " + alias);
          }
        });
    Trying trying = running.get(model);
    if (trying != null
        && trying.state() == Rollout.State.RUNNING
        && (trying.from.equals(version) || trying.wish.version().equals(version))) {
      users.add("the rollout of version " + trying.wish.version());
    }
    return users;
  }

  /** Watches no more. */
  void close() {
    closing.countDown();
  }

  private Trying going(String model) {
    Trying trying = running.get(model);
    if (trying == null || trying.state() != Rollout.State.RUNNING) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model '" + model + "' is not changing to another version");
    }
    return trying;
  }
}
