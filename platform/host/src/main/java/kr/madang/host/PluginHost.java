package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs, isolates, starts, stops and unloads plugins, and hands out their factories. Every
 * method may be called by any thread; none runs code of a plugin on the caller's thread. Errors are
 * {@link PluginException} with a code of {@link ErrorCode} or {@link HostError}.
 */
public final class PluginHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);

  private final HostOptions options;
  private final Installer installer;
  private final Map<PluginRef, Slot> slots = new ConcurrentHashMap<>();
  private final Map<PluginRef, Path> catalogue = new ConcurrentHashMap<>();
  private final List<Remains> remains = new CopyOnWriteArrayList<>();

  private PluginHost(HostOptions options) throws IOException {
    this.options = options;
    installer = new Installer(options);
  }

  /**
   * Opens a host: clears what an interrupted install left, reads the catalogues and checks the
   * files of each installed plugin against its label. No code of a plugin runs.
   *
   * @throws IOException when the plugin folder cannot be made or read
   */
  public static PluginHost open(HostOptions options) throws IOException {
    var host = new PluginHost(options);
    host.installer.clearStaging();
    for (Path catalogue : options.catalogues()) {
      for (Path entry : Folders.children(catalogue)) {
        host.addFromCatalogue(entry);
      }
    }
    host.installer.clearCache(host.slots.values());
    for (Path folder : Folders.children(options.plugins())) {
      if (Files.isDirectory(folder) && !folder.getFileName().toString().startsWith(".")) {
        Slot slot = PluginFolder.installed(options, folder);
        host.slots.put(slot.ref(), slot);
        if (slot.snapshot().state() == PluginState.FAILED) {
          LOG.error("plugin {} in {}: {}", slot.ref(), folder, slot.snapshot().reason());
        }
      }
    }
    return host;
  }

  private void addFromCatalogue(Path entry) {
    try {
      Slot slot;
      if (Files.isRegularFile(entry.resolve(Descriptor.FILE))) {
        slot = PluginFolder.catalogue(options, entry);
      } else if (entry.toString().endsWith(".zip")) {
        slot = installer.unpackCatalogue(entry);
      } else {
        return;
      }
      catalogue.putIfAbsent(slot.ref(), entry);
      slots.putIfAbsent(slot.ref(), slot);
    } catch (IOException | PluginException e) {
      LOG.error("catalogue entry {} cannot be used: {}", entry, e.getMessage());
    }
  }

  /**
   * Installs an archive: copies and hashes it, unpacks it within limits, checks it, tries it in a
   * throw-away JVM, and moves it into place in one step. The same archive twice is no error.
   *
   * @throws PluginException PLUGIN_REFUSED with the reason; CONFLICT when this id and version is
   *     there with another digest; STORAGE when the disk is full
   */
  public InstalledPlugin install(Path archive) {
    Slot slot = installer.install(archive, slots);
    LOG.info("plugin {} is installed, digest {}", slot.ref(), slot.digest());
    return slot.snapshot();
  }

  /** All plugins, by id and version. */
  public List<InstalledPlugin> list() {
    return slots.values().stream()
        .map(Slot::snapshot)
        .sorted(
            Comparator.comparing(InstalledPlugin::id)
                .thenComparing(InstalledPlugin::version, PluginHost::compareVersions))
        .toList();
  }

  /** Compares two versions by the rules of semantic versioning; negative if the first is lower. */
  public static int compareVersions(String first, String second) {
    try {
      return Descriptor.VERSIONS.compareVersions(first, second);
    } catch (RuntimeException e) {
      return first.compareTo(second);
    }
  }

  /**
   * Whether a version lies in a range such as {@code >=0.1.0 & <1.0.0}, {@code ^1}, {@code ~1.2} or
   * {@code *}.
   *
   * @throws PluginException CONFIG_INVALID when either cannot be read
   */
  public static boolean versionFits(String version, String range) {
    try {
      return Descriptor.VERSIONS.checkVersionConstraint(version, range);
    } catch (RuntimeException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "version '"
              + version
              + "' cannot be compared with range '"
              + range
              + "'; expected a semantic version and a range such as ^1.2",
          e);
    }
  }

  /** One plugin. */
  public Optional<InstalledPlugin> find(String id, String version) {
    return Optional.ofNullable(slots.get(new PluginRef(id, version))).map(Slot::snapshot);
  }

  /**
   * Loads and starts a plugin; does nothing if it is started. After a failure the plugin is FAILED
   * with the reason and may be started again.
   *
   * @throws PluginException as the plugin gave it; NOT_FOUND; DAMAGED; TIMEOUT; BUG when anything
   *     else was thrown
   */
  public InstalledPlugin start(String id, String version) {
    Slot slot = slot(id, version);
    slot.start(remains::add);
    return slot.snapshot();
  }

  /**
   * Stops and unloads a plugin: stops it, ends its threads, takes back what it left registered,
   * closes its class loader and waits for the proof that it is collected. A plugin that is not
   * started has nothing to report.
   *
   * @throws PluginException IN_USE while leases are open; NOT_FOUND
   */
  public UnloadReport stop(String id, String version) {
    return stop(slot(id, version), false, false);
  }

  /** Like {@link #stop}, even while leases are open: they are of no use afterwards. */
  public UnloadReport forceStop(String id, String version) {
    return stop(slot(id, version), true, false);
  }

  private UnloadReport stop(Slot slot, boolean force, boolean forEver) {
    Optional<Remains> left = slot.stop(force, forEver);
    if (left.isEmpty()) {
      return new UnloadReport(slot.ref(), true, List.of(), List.of(), "");
    }
    left.get().await(options.collectTimeout());
    UnloadReport report = left.get().report();
    if (!report.clean()) {
      remains.add(left.get());
      slot.leaked(report);
      LOG.warn("{}", report.summary());
    }
    return report;
  }

  /** Unloaded plugins, and failed starts, whose class loader has not been collected so far. */
  public List<UnloadReport> leaks() {
    remains.removeIf(Remains::collected);
    return remains.stream().map(Remains::report).toList();
  }

  /**
   * Stops a plugin and deletes its files.
   *
   * @throws PluginException IN_USE while leases are open; NOT_FOUND; REFUSED for one of the
   *     distribution
   */
  public UnloadReport uninstall(String id, String version) {
    Slot slot = slot(id, version);
    if (slot.from() == PluginOrigin.CATALOGUE) {
      throw new PluginException(
          ErrorCode.REFUSED,
          "plugin "
              + slot.ref()
              + " belongs to the distribution and cannot be uninstalled: stop it");
    }
    UnloadReport report = stop(slot, false, true);
    installer.remove(slot, slots);
    Path shadowed = catalogue.get(slot.ref());
    if (shadowed != null) {
      addFromCatalogue(shadowed);
    }
    LOG.info("plugin {} is uninstalled", slot.ref());
    return report;
  }

  /** Keeps a plugin from being stopped; starts one that has not been started yet. */
  public Lease use(PluginRef plugin) {
    return slot(plugin.id(), plugin.version()).use(remains::add);
  }

  /**
   * Runs one call into a plugin on a short-lived thread of its own.
   *
   * @throws PluginException what the plugin threw, cut loose from its class loader; TIMEOUT when it
   *     did not return in time, then its thread is interrupted and counted; NOT_STARTED
   */
  public <T extends @Nullable Object> T call(PluginRef plugin, Duration limit, Callable<T> work) {
    return slot(plugin.id(), plugin.version())
        .started()
        .threads()
        .call("plugin " + plugin, limit, work);
  }

  /** A source of a started plugin. */
  public Optional<Hosted<SourceFactory<?>>> source(String id, String version, String name) {
    return one(id, version, Offer::sources, Names::sources, name);
  }

  /** A transform of a started plugin. */
  public Optional<Hosted<TransformFactory<?>>> transform(String id, String version, String name) {
    return one(id, version, Offer::transforms, Names::transforms, name);
  }

  /** A sink of a started plugin. */
  public Optional<Hosted<SinkFactory<?>>> sink(String id, String version, String name) {
    return one(id, version, Offer::sinks, Names::sinks, name);
  }

  /** The sources of a started plugin; none if it is not started. */
  public List<Hosted<SourceFactory<?>>> sources(String id, String version) {
    return hosted(id, version, Offer::sources);
  }

  /** The transforms of a started plugin; none if it is not started. */
  public List<Hosted<TransformFactory<?>>> transforms(String id, String version) {
    return hosted(id, version, Offer::transforms);
  }

  /** The sinks of a started plugin; none if it is not started. */
  public List<Hosted<SinkFactory<?>>> sinks(String id, String version) {
    return hosted(id, version, Offer::sinks);
  }

  /** The models that a started plugin declares in code; none if it is not started. */
  public List<Hosted<ModelFactory>> codeModels(String id, String version) {
    return hosted(id, version, Offer::models);
  }

  private <F> List<Hosted<F>> hosted(String id, String version, Function<Offer, List<F>> kind) {
    Slot slot = slots.get(new PluginRef(id, version));
    return slot == null ? List.of() : slot.hosted(kind);
  }

  private <F> Optional<Hosted<F>> one(
      String id,
      String version,
      Function<Offer, List<F>> kind,
      Function<Names, List<String>> names,
      String name) {
    Slot slot = slots.get(new PluginRef(id, version));
    return slot == null ? Optional.empty() : slot.hosted(kind, names, name);
  }

  private Slot slot(String id, String version) {
    PluginRef ref = new PluginRef(id, version);
    Slot slot = slots.get(ref);
    if (slot == null) {
      throw unknown(ref);
    }
    return slot;
  }

  static PluginException unknown(PluginRef ref) {
    return new PluginException(
        ErrorCode.NOT_FOUND, "plugin " + ref + " is not installed: install it first");
  }

  /** Stops all plugins, at the same time and even if leases are open; waits for no proof. */
  @Override
  public void close() {
    List<Thread> stopping = new ArrayList<>();
    for (Slot slot : slots.values()) {
      stopping.add(
          Thread.ofPlatform().name("host-stop-" + slot.ref()).start(() -> slot.stop(true, true)));
    }
    for (Thread thread : stopping) {
      try {
        thread.join(options.stopTimeout().multipliedBy(2).plus(options.callTimeout()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
