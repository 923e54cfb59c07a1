package kr.madang.host;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** The place of one version of a plugin: its files, its state, and its life while it is started. */
final class Slot {
  /** A plugin that failed to start gets no more than this to end its threads. */
  private static final Duration FAILED_START = Duration.ofSeconds(1);

  private final HostOptions options;
  private final PluginOrigin from;
  private final Path home;
  private final Descriptor descriptor;
  private final Optional<Label> label;
  private final List<PluginModel> models;
  private final ReentrantLock lock = new ReentrantLock();

  private volatile int uses;
  private boolean gone;
  private volatile Standing standing;
  private volatile @Nullable Running running;
  private volatile @Nullable Names names;

  private record Standing(PluginState state, String reason, Instant since) {}

  Slot(
      HostOptions options,
      PluginOrigin from,
      Path home,
      Descriptor descriptor,
      Optional<Label> label,
      List<PluginModel> models,
      Optional<String> damage) {
    this.options = options;
    this.from = from;
    this.home = home;
    this.descriptor = descriptor;
    this.label = label;
    this.models = models;
    names = label.map(Label::names).orElse(null);
    standing =
        new Standing(
            damage.isPresent() ? PluginState.FAILED : PluginState.INSTALLED,
            damage.orElse(""),
            options.clock().instant());
  }

  PluginRef ref() {
    return descriptor.ref();
  }

  PluginOrigin from() {
    return from;
  }

  Path home() {
    return home;
  }

  String digest() {
    return label.map(Label::digest).orElse("");
  }

  Optional<String> damage() {
    return from == PluginOrigin.CATALOGUE
        ? Optional.empty()
        : label.map(known -> known.damage(home)).orElse(Optional.of(PluginFolder.HALF));
  }

  InstalledPlugin snapshot() {
    Standing now = standing;
    Running loaded = running;
    Names known = names;
    Names shown = known == null ? Names.NOTHING : known;
    return new InstalledPlugin(
        ref().id(),
        ref().version(),
        digest(),
        descriptor.description(),
        descriptor.provider(),
        descriptor.license(),
        descriptor.requires(),
        now.state(),
        now.reason(),
        now.since(),
        from,
        home,
        known != null,
        shown.sources(),
        shown.transforms(),
        shown.sinks(),
        shown.models(),
        models,
        uses,
        loaded == null ? 0 : loaded.threads().hung());
  }

  private void stand(PluginState state, String reason) {
    standing = new Standing(state, reason, options.clock().instant());
  }

  /**
   * Loads and starts the plugin; does nothing if it is started.
   *
   * @param left takes what a failed start leaves
   */
  void start(Consumer<Remains> left) {
    lock.lock();
    try {
      if (gone) {
        throw PluginHost.unknown(ref());
      }
      if (running != null) {
        return;
      }
      try {
        descriptor.checkSdk(options.sdkVersion());
        Optional<String> damage = damage();
        if (damage.isPresent()) {
          throw damaged(damage.get());
        }
        load(left);
      } catch (PluginException e) {
        stand(PluginState.FAILED, String.valueOf(e.getMessage()));
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private PluginException damaged(String damage) {
    return new PluginException(
        HostError.DAMAGED,
        "plugin " + ref() + " in " + home + " is damaged: " + damage + "; install it again");
  }

  private void load(Consumer<Remains> left) {
    Running loaded = new Running(home, descriptor, options);
    try {
      loaded.start(home);
    } catch (PluginException e) {
      left.accept(
          loaded.unload(
              FAILED_START.compareTo(options.stopTimeout()) < 0
                  ? FAILED_START
                  : options.stopTimeout()));
      throw e;
    }
    names = loaded.offer().names();
    running = loaded;
    stand(PluginState.STARTED, "");
  }

  /** Takes a lease; starts a plugin that was not started yet. */
  Lease use(Consumer<Remains> left) {
    lock.lock();
    try {
      if (standing.state() == PluginState.INSTALLED) {
        start(left);
      }
      started();
      uses++;
    } finally {
      lock.unlock();
    }
    var open = new AtomicBoolean(true);
    return () -> {
      if (open.compareAndSet(true, false)) {
        lock.lock();
        try {
          uses--;
        } finally {
          lock.unlock();
        }
      }
    };
  }

  Running started() {
    Running loaded = running;
    if (loaded == null) {
      Standing now = standing;
      throw new PluginException(
          HostError.NOT_STARTED,
          "plugin "
              + ref()
              + " is "
              + now.state().name().toLowerCase(Locale.ROOT)
              + (now.reason().isEmpty() ? "" : " (" + now.reason() + ")")
              + ": start it first");
    }
    return loaded;
  }

  /** Factories of the plugin; none if it is not started. */
  <F> List<Hosted<F>> hosted(Function<Offer, List<F>> kind) {
    Running loaded = running;
    if (loaded == null) {
      return List.of();
    }
    return kind.apply(loaded.offer()).stream()
        .map(factory -> new Hosted<>(ref(), factory, loaded.threads()))
        .toList();
  }

  /** The factory of a name; empty if the plugin is not started or has none. */
  <F> Optional<Hosted<F>> hosted(
      Function<Offer, List<F>> kind, Function<Names, List<String>> names, String name) {
    Running loaded = running;
    if (loaded == null) {
      return Optional.empty();
    }
    int at = names.apply(loaded.offer().names()).indexOf(name);
    return at < 0
        ? Optional.empty()
        : Optional.of(new Hosted<>(ref(), kind.apply(loaded.offer()).get(at), loaded.threads()));
  }

  /**
   * Unloads the plugin; empty if it is not loaded.
   *
   * @param force even while leases are open
   * @param forEver whether it refuses all that comes later
   */
  Optional<Remains> stop(boolean force, boolean forEver) {
    lock.lock();
    try {
      if (uses > 0 && !force) {
        throw new PluginException(
            HostError.IN_USE,
            "plugin " + ref() + " is used " + uses + " times: stop the pipelines that use it");
      }
      gone = gone || forEver;
      Running loaded = running;
      if (loaded == null) {
        return Optional.empty();
      }
      running = null;
      Remains remains = loaded.unload(options.stopTimeout());
      stand(PluginState.STOPPED, remains.report().reason());
      return Optional.of(remains);
    } finally {
      lock.unlock();
    }
  }

  /** Says what a stopped plugin left behind, unless it was started again meanwhile. */
  void leaked(UnloadReport report) {
    lock.lock();
    try {
      if (running == null) {
        standing = new Standing(standing.state(), report.summary(), standing.since());
      }
    } finally {
      lock.unlock();
    }
  }
}
