package kr.madang.host;

import java.nio.file.Path;
import java.time.Duration;
import kr.madang.sdk.PluginContext;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.pf4j.Plugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin of the SDK in the shape that PF4J drives; each call goes to a thread of the plugin. */
final class Guest extends Plugin {
  private final PluginRef plugin;
  private final kr.madang.sdk.@Nullable Plugin entry;
  private final Offer offer;
  private final PluginThreads threads;
  private final PluginContext context;
  private final Duration callTimeout;
  private final Duration stopTimeout;
  private String complaint = "";

  private Guest(
      PluginRef plugin,
      kr.madang.sdk.@Nullable Plugin entry,
      Offer offer,
      PluginThreads threads,
      PluginContext context,
      Duration callTimeout,
      Duration stopTimeout) {
    this.plugin = plugin;
    this.entry = entry;
    this.offer = offer;
    this.threads = threads;
    this.context = context;
    this.callTimeout = callTimeout;
    this.stopTimeout = stopTimeout;
  }

  /** Constructs the plugin's entry, if it has one, and lists its factories. */
  static Guest construct(
      PluginRef plugin,
      Path home,
      ClassLoader loader,
      PluginThreads threads,
      Duration callTimeout,
      Duration stopTimeout) {
    kr.madang.sdk.Plugin entry =
        threads
            .call("constructing plugin " + plugin, callTimeout, () -> Entry.of(loader))
            .orElse(null);
    Offer offer =
        entry == null
            ? Offer.NOTHING
            : threads.call(
                "listing the stages of plugin " + plugin, callTimeout, () -> Offer.of(entry));
    return new Guest(
        plugin,
        entry,
        offer,
        threads,
        new Context(
            plugin.id(), plugin.version(), home, LoggerFactory.getLogger("plugin." + plugin.id())),
        callTimeout,
        stopTimeout);
  }

  Offer offer() {
    return offer;
  }

  /** What went wrong when it stopped; empty if nothing. */
  String complaint() {
    return complaint;
  }

  @Override
  public void start() {
    if (entry != null) {
      threads.<@Nullable Void>call(
          "starting plugin " + plugin,
          callTimeout,
          () -> {
            entry.start(context);
            return null;
          });
    }
  }

  @Override
  public void stop() {
    if (entry == null) {
      return;
    }
    try {
      threads.<@Nullable Void>call(
          "stopping plugin " + plugin,
          stopTimeout,
          () -> {
            entry.stop();
            return null;
          });
    } catch (PluginException e) {
      complaint = String.valueOf(e.getMessage());
    }
  }

  private record Context(String id, String version, Path home, Logger logger)
      implements PluginContext {}
}
