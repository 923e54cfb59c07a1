package kr.madang.host;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * What a {@link PluginHost} needs to know.
 *
 * @param plugins where plugins are installed; made if it is missing; one host at a time
 * @param catalogues read-only folders that hold plugin archives or unpacked plugins
 * @param sdkVersion of the SDK that this host offers
 * @param limits of an archive
 * @param probe the JVM in which a plugin is tried before it is installed
 * @param callTimeout how long constructing, listing and starting a plugin may take, each
 * @param stopTimeout how long a plugin may take to stop, and its threads to end after that
 * @param collectTimeout how long to wait for the proof that its class loader is gone
 * @param clock for {@link InstalledPlugin#since}
 */
public record HostOptions(
    Path plugins,
    List<Path> catalogues,
    String sdkVersion,
    ArchiveLimits limits,
    ProbeJvm probe,
    Duration callTimeout,
    Duration stopTimeout,
    Duration collectTimeout,
    InstantSource clock) {

  /** Makes paths absolute and the list unmodifiable. */
  public HostOptions {
    plugins = plugins.toAbsolutePath().normalize();
    catalogues = catalogues.stream().map(path -> path.toAbsolutePath().normalize()).toList();
  }

  /** Options with the usual limits: 10 s a call, 10 s to stop, 2 s for the proof. */
  public static HostOptions of(
      Path plugins, List<Path> catalogues, String sdkVersion, InstantSource clock) {
    return new HostOptions(
        plugins,
        catalogues,
        sdkVersion,
        ArchiveLimits.DEFAULT,
        ProbeJvm.current(),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2),
        clock);
  }

  /** The same with other limits of an archive. */
  public HostOptions withLimits(ArchiveLimits other) {
    return new HostOptions(
        plugins,
        catalogues,
        sdkVersion,
        other,
        probe,
        callTimeout,
        stopTimeout,
        collectTimeout,
        clock);
  }

  /** The same with another JVM to try plugins in. */
  public HostOptions withProbe(ProbeJvm other) {
    return new HostOptions(
        plugins,
        catalogues,
        sdkVersion,
        limits,
        other,
        callTimeout,
        stopTimeout,
        collectTimeout,
        clock);
  }

  /** The same with other time-outs. */
  public HostOptions withTimeouts(Duration call, Duration stop, Duration collect) {
    return new HostOptions(
        plugins, catalogues, sdkVersion, limits, probe, call, stop, collect, clock);
  }
}
