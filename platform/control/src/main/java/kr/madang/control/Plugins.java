package kr.madang.control;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.store.Store;
import kr.madang.host.HostError;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginModel;
import kr.madang.host.PluginRef;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugins of this installation; shared by all workspaces. */
public final class Plugins {
  private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);
  private static final String STARTED = "started";
  private static final String STOPPED = "stopped";

  private final PluginHost host;
  private final Store store;
  private final Guard guard;
  private final Reconciler reconciler;
  private final InstantSource clock;
  private final Map<PluginRef, String> desired;
  private final boolean safe;
  private final ModelRoom models;
  private final Serving serving;

  Plugins(
      PluginHost host,
      Store store,
      Guard guard,
      Reconciler reconciler,
      InstantSource clock,
      Map<PluginRef, String> desired,
      boolean safe,
      ModelRoom models,
      Serving serving) {
    this.host = host;
    this.store = store;
    this.guard = guard;
    this.reconciler = reconciler;
    this.clock = clock;
    this.desired = desired;
    this.safe = safe;
    this.models = models;
    this.serving = serving;
  }

  void load() {
    store.transaction(rows ->
        rows.read(
            "SELECT id, version, desired FROM plugin",
            row ->
                desired.put(new PluginRef(row.getString(1), row.getString(2)), row.getString(3))));
  }

  /** Whether somebody asked that a plugin does not run. */
  static boolean isStopped(Map<PluginRef, String> desired, PluginRef plugin) {
    return STOPPED.equals(desired.get(plugin));
  }

  /** Starts what somebody asked to be started; the others start with their first use. */
  void startDesired() {
    desired.forEach((ref, wish) -> {
      if (wish.equals(STARTED) && host.find(ref.id(), ref.version()).isPresent()) {
        try {
          host.start(ref.id(), ref.version());
        } catch (PluginException e) {
          LOG.error("plugin {} cannot be started: {}", ref, e.getMessage());
        }
      }
    });
    worldChanged();
  }

  /** All of them, by id and version. */
  public List<PluginView> list(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return host.list().stream().map(this::view).toList();
  }

  /** One of them. */
  public PluginView get(Caller caller, String id, String version) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return view(found(id, version));
  }

  private InstalledPlugin found(String id, String version) {
    return host.find(id, version)
        .orElseThrow(() ->
            new PluginException(
                ErrorCode.NOT_FOUND, "plugin " + id + "@" + version + " is not installed"));
  }

  /**
   * Installs an archive and starts it, unless in safe mode; CONFLICT when it brings another model
   * of a name and version that is there. What is wrong with its models stands in the answer. Tries
   * it in a JVM of its own first, so it takes a while.
   */
  public PluginView install(Caller caller, Path zip) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    InstalledPlugin plugin = host.install(zip);
    Optional<String> clash = models.clash(plugin.ref());
    if (clash.isPresent()) {
      host.uninstall(plugin.id(), plugin.version());
      throw new PluginException(ControlError.CONFLICT, clash.get());
    }
    desire(caller, "plugin.install", plugin.ref(), STARTED, plugin.digest());
    if (safe) {
      return view(plugin);
    }
    try {
      plugin = host.start(plugin.id(), plugin.version());
    } catch (PluginException e) {
      LOG.warn("plugin {} is installed and cannot be started: {}", plugin.ref(), e.getMessage());
      plugin = found(plugin.id(), plugin.version());
    }
    models.tryOut(plugin.ref());
    worldChanged();
    return view(plugin);
  }

  /** Starts a plugin, now and after each restart. */
  public PluginView start(Caller caller, String id, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    PluginRef ref = found(id, version).ref();
    if (safe) {
      throw SafeMode.refusal("a start");
    }
    desire(caller, "plugin.start", ref, STARTED, "");
    try {
      return view(host.start(id, version));
    } finally {
      worldChanged();
    }
  }

  /** Stops a plugin, now and after each restart; CONFLICT names the pipelines that use it. */
  public PluginView stop(Caller caller, String id, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    PluginRef ref = found(id, version).ref();
    refuseIfUsed(ref, "stopped");
    serving.release(new Origin.OfPlugin(ref));
    String before = desired.getOrDefault(ref, "");
    desired.put(ref, STOPPED);
    try {
      host.stop(id, version);
    } catch (PluginException e) {
      restore(ref, before);
      throw used(ref, "stopped", e);
    }
    desire(caller, "plugin.stop", ref, STOPPED, "");
    return view(found(id, version));
  }

  private void restore(PluginRef ref, String before) {
    if (before.isEmpty()) {
      desired.remove(ref);
    } else {
      desired.put(ref, before);
    }
  }

  /** Stops a plugin and deletes its files; CONFLICT names the pipelines that use it. */
  public void uninstall(Caller caller, String id, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    InstalledPlugin plugin = found(id, version);
    refuseIfUsed(plugin.ref(), "uninstalled");
    serving.release(new Origin.OfPlugin(plugin.ref()));
    try {
      host.uninstall(id, version);
    } catch (PluginException e) {
      throw used(plugin.ref(), "uninstalled", e);
    }
    desired.remove(plugin.ref());
    store.transaction(rows -> {
      rows.change("DELETE FROM plugin WHERE id = ? AND version = ?", id, version);
      guard.note(rows, caller, "plugin.uninstall", plugin.ref().toString(), plugin.digest());
      return true;
    });
    models.tidy();
    worldChanged();
  }

  private void worldChanged() {
    serving.changed();
    reconciler.worldChanged();
  }

  private void refuseIfUsed(PluginRef ref, String what) {
    List<String> users = reconciler.users(ref.toString());
    if (!users.isEmpty()) {
      throw new PluginException(
          ControlError.CONFLICT,
          "plugin "
              + ref
              + " cannot be "
              + what
              + " while pipelines use it: stop "
              + String.join(", ", users)
              + " first");
    }
  }

  private static PluginException used(PluginRef ref, String what, PluginException e) {
    return e.code().equals(HostError.IN_USE)
        ? new PluginException(
            ControlError.CONFLICT,
            "plugin " + ref + " cannot be " + what + " while it is used: " + e.getMessage(),
            e)
        : e;
  }

  private void desire(Caller caller, String verb, PluginRef ref, String wish, String detail) {
    store.transaction(rows -> {
      rows.change(
          "INSERT INTO plugin (id, version, desired, updated) VALUES (?, ?, ?, ?)"
              + " ON CONFLICT (id, version) DO UPDATE SET desired = excluded.desired,"
              + " updated = excluded.updated",
          ref.id(),
          ref.version(),
          wish,
          clock.millis());
      guard.note(rows, caller, verb, ref.toString(), detail);
      return true;
    });
    desired.put(ref, wish);
  }

  private PluginView view(InstalledPlugin plugin) {
    return view(plugin, models.problems(plugin.ref()));
  }

  static PluginView view(InstalledPlugin plugin, List<String> problems) {
    List<String> models = new ArrayList<>(plugin.models().stream().map(PluginModel::name).toList());
    models.addAll(plugin.codeModels());
    return new PluginView(
        plugin.id(),
        plugin.version(),
        plugin.digest(),
        plugin.state().name().toLowerCase(Locale.ROOT),
        plugin.reason(),
        plugin.description(),
        plugin.provider(),
        plugin.license(),
        plugin.from().name().toLowerCase(Locale.ROOT),
        plugin.sources(),
        plugin.transforms(),
        plugin.sinks(),
        models,
        problems);
  }
}
