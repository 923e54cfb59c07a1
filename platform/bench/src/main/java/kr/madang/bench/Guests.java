package kr.madang.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import kr.madang.engine.Graph;
import kr.madang.host.HostOptions;
import kr.madang.host.Hosted;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;

/** A plugin from its archive, behind the wall, as the runtime has it. */
final class Guests implements AutoCloseable {
  private final Path folder;
  private final PluginHost host;
  private final InstalledPlugin plugin;

  /** A plugin for whose configs {@code ${secret:postgres}} stands for postgres. */
  Guests(String id) throws IOException, URISyntaxException {
    folder = Files.createTempDirectory("bench-guests");
    Path secret = Files.writeString(folder.resolve("postgres"), "postgres");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    host =
        PluginHost.open(
            HostOptions.of(
                folder.resolve("plugins"),
                List.of(beside("plugins")),
                "0.1.0",
                InstantSource.system()));
    InstalledPlugin found =
        host.list().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    plugin = host.start(found.id(), found.version());
  }

  /** What the build left beside this module's jar. */
  static Path beside(String name) throws URISyntaxException {
    Path jar = Path.of(Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path found = jar.resolveSibling(name);
    if (!Files.exists(found)) {
      throw new IllegalStateException(found + " is missing; build it with mvn package");
    }
    return found;
  }

  Graph.SourceNode<?> source(String yaml) {
    return bound(host.sources(plugin.id(), plugin.version()).getFirst(), yaml);
  }

  Graph.SinkNode<?> sink(String yaml) {
    return bound(yaml, host.sinks(plugin.id(), plugin.version()).getFirst());
  }

  private Graph.SourceNode<?> bound(Hosted<SourceFactory<?>> of, String yaml) {
    return source(of, of.factory(), yaml);
  }

  private <C> Graph.SourceNode<C> source(Hosted<?> of, SourceFactory<C> factory, String yaml) {
    return new Graph.SourceNode<>(
        "source", factory, Stages.config(yaml, factory.config(), folder), of.threads());
  }

  private Graph.SinkNode<?> bound(String yaml, Hosted<SinkFactory<?>> of) {
    return sink(of, of.factory(), yaml);
  }

  private <C> Graph.SinkNode<C> sink(Hosted<?> of, SinkFactory<C> factory, String yaml) {
    return new Graph.SinkNode<>(
        "sink",
        List.of("source"),
        factory,
        Stages.config(yaml, factory.config(), folder),
        of.threads());
  }

  @Override
  public void close() throws IOException {
    host.close();
    Stages.delete(folder);
  }
}
