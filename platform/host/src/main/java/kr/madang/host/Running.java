package kr.madang.host;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin that is loaded: its class loader, its threads and its PF4J life. */
final class Running {
  private static final Logger LOG = LoggerFactory.getLogger(Running.class);

  private final PluginRef plugin;
  private final HostOptions options;
  private final Wall wall;
  private final PluginThreads threads;
  private final Shelf shelf;
  private @Nullable Guest guest;

  /** Makes the class loader; no code of the plugin runs yet. */
  Running(Path folder, Descriptor descriptor, HostOptions options) {
    SharedClasses.prepare();
    plugin = descriptor.ref();
    this.options = options;
    wall = new Wall(plugin, jars(folder));
    threads = new PluginThreads(plugin, wall);
    shelf =
        new Shelf(
            folder,
            descriptor,
            wall,
            wrapper ->
                guest =
                    Guest.construct(
                        plugin,
                        folder,
                        wall,
                        threads,
                        options.callTimeout(),
                        options.stopTimeout()));
    shelf.setSystemVersion(options.sdkVersion());
  }

  /** Constructs a plugin in this JVM, which is a throw-away one, and lists what it offers. */
  static Names probe(Path folder, Descriptor descriptor, Duration limit) {
    SharedClasses.prepare();
    var wall = new Wall(descriptor.ref(), jars(folder));
    var threads = new PluginThreads(descriptor.ref(), wall);
    return Guest.construct(descriptor.ref(), folder, wall, threads, limit, limit).offer().names();
  }

  private static List<URL> jars(Path folder) {
    List<URL> jars = new ArrayList<>();
    try {
      for (Path file : Folders.children(folder.resolve("lib"))) {
        if (file.toString().endsWith(".jar")) {
          jars.add(file.toUri().toURL());
        }
      }
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new PluginException(
          HostError.DAMAGED, "lib/ of the plugin in " + folder + " cannot be read: " + e, e);
    }
    return jars;
  }

  /** Loads, constructs, lists and starts; when it fails, {@link #unload} is still due. */
  void start(Path folder) {
    PluginState state;
    String id = plugin.toString();
    try {
      shelf.loadPlugin(folder);
      state = shelf.startPlugin(id);
    } catch (PluginRuntimeException e) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED, "plugin " + plugin + " cannot be loaded: " + e.getMessage(), e);
    }
    if (state != PluginState.STARTED) {
      PluginWrapper wrapper = shelf.getPlugin(id);
      Throwable failure = wrapper.getFailedException();
      if (failure instanceof PluginException known) {
        throw known;
      }
      throw new PluginException(
          ErrorCode.BUG,
          "plugin " + plugin + " came to state " + state + " instead of STARTED: " + failure);
    }
  }

  Offer offer() {
    Guest known = guest;
    return known == null ? Offer.NOTHING : known.offer();
  }

  PluginThreads threads() {
    return threads;
  }

  /**
   * Stops the plugin, takes back what it registered, ends its threads, closes its loader. The
   * caller drops this object before it waits for the remains to be collected.
   *
   * @param limit for its threads to end
   */
  Remains unload(Duration limit) {
    threads.close();
    String id = plugin.toString();
    List<String> swept = List.of();
    boolean loaded = shelf.getPlugin(id) != null;
    if (loaded) {
      shelf.stopPlugin(id);
      swept = Sweep.of(plugin, wall, threads, options.callTimeout());
    }
    List<String> living = threads.end(limit);
    if (loaded) {
      shelf.unloadPlugin(id);
    }
    try {
      wall.close();
    } catch (IOException e) {
      LOG.warn("jars of plugin {} could not be closed: {}", plugin, e.toString());
    }
    Guest known = guest;
    return new Remains(plugin, wall, living, swept, known == null ? "" : known.complaint());
  }
}
