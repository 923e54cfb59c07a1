package kr.madang.control;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import kr.madang.control.store.Store;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * What names of models stand for: each alias is a version, and {@code champion} is the version that
 * answers calls without one.
 */
final class Aliases {
  static final String CHAMPION = "champion";

  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9._-]{0,62}");

  private final Guard guard;
  private final Serving serving;
  private final Store store;
  private final InstantSource clock;
  private final Map<String, Map<String, String>> aliases = new ConcurrentHashMap<>();
  private final List<Consumer<String>> followers = new ArrayList<>();
  private BiConsumer<Caller, String> beforeChampion = (_, _) -> {};

  Aliases(Guard guard, Serving serving, Store store, InstantSource clock) {
    this.guard = guard;
    this.serving = serving;
    this.store = store;
    this.clock = clock;
  }

  void load() {
    store.transaction(rows ->
        rows.read(
            "SELECT model, alias, version FROM alias",
            row -> {
              known(row.getString(1)).put(row.getString(2), row.getString(3));
              return true;
            }));
  }

  /** Is told of a model whose champion somebody sets by hand, before that is done. */
  void beforeChampion(BiConsumer<Caller, String> told) {
    beforeChampion = told;
  }

  /** Is told of each model whose aliases have changed, on the thread that has changed them. */
  void follow(Consumer<String> told) {
    followers.add(told);
  }

  /** Whether a text can be an alias, and no version or range of versions. */
  static boolean isAlias(String text) {
    return ALIAS.matcher(text).matches();
  }

  private Map<String, String> known(String model) {
    return aliases.computeIfAbsent(model, _ -> new ConcurrentHashMap<>());
  }

  /** What is meant by a version or an alias; empty, which is the champion, stays empty without. */
  String version(String model, String asked) {
    Map<String, String> known = aliases.get(model);
    return known == null ? asked : known.getOrDefault(asked.isEmpty() ? CHAMPION : asked, asked);
  }

  /** All of a model. */
  Map<String, String> of(String model) {
    return Map.copyOf(aliases.getOrDefault(model, Map.of()));
  }

  /**
   * Lets an alias stand for a version, which is loaded first: callers never wait for it.
   *
   * @throws PluginException NOT_FOUND if there is no such version; why it cannot be loaded
   */
  Map<String, String> set(Caller caller, String model, String alias, String version) {
    if (!isAlias(alias)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "alias: expected a small letter and then 62 letters, digits, '.', '_' or '-' at most, got '"
              + alias
              + "'");
    }
    serving.loaded(model, version);
    if (alias.equals(CHAMPION)) {
      beforeChampion.accept(caller, model);
      serving.loaded(model, version);
    }
    stand(caller, model, alias, version);
    return of(model);
  }

  /** Removes an alias. */
  void remove(Caller caller, String model, String alias) {
    if (!of(model).containsKey(alias)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model '" + model + "' has no alias '" + alias + "'");
    }
    store.transaction(rows -> {
      rows.change("DELETE FROM alias WHERE model = ? AND alias = ?", model, alias);
      guard.note(rows, caller, "model.unalias", model, alias);
      return true;
    });
    known(model).remove(alias);
    followers.forEach(told -> told.accept(model));
  }

  void stand(Caller caller, String model, String alias, String version) {
    if (version.equals(of(model).get(alias))) {
      return;
    }
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
    known(model).put(alias, version);
    followers.forEach(told -> told.accept(model));
  }
}
