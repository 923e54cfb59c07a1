package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.ManualClock;

/** Options for tests, and a way to ask the {@code asked} source of a fixture. */
final class Hosts {
  private Hosts() {}

  /** Options with a real probe and patient time-outs. */
  static HostOptions options(Path home) {
    return HostOptions.of(home.resolve("plugins"), List.of(), "0.1.0", new ManualClock())
        .withTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(20));
  }

  /** Options whose probe takes any plugin at its word: a source named {@code asked}. */
  static HostOptions trusting(Path home) throws IOException {
    Files.createDirectories(home);
    Path java = home.resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        while [ $# -gt 2 ]; do shift; done
        printf 'source asked\\ndone\\n' > "$1"
        """);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    return options(home).withProbe(new ProbeJvm(java, List.of()));
  }

  static HostOptions withCatalogue(HostOptions options, Path... catalogues) {
    return new HostOptions(
        options.plugins(),
        List.of(catalogues),
        options.sdkVersion(),
        options.limits(),
        options.probe(),
        options.callTimeout(),
        options.stopTimeout(),
        options.collectTimeout(),
        options.clock());
  }

  /** Asks a started fixture, on a thread of its own. */
  static Object ask(PluginHost host, String id, String version, String question) {
    Hosted<SourceFactory<?>> source = host.source(id, version, "asked").orElseThrow();
    return host.call(source.plugin(), Duration.ofSeconds(30), () -> asked(source).apply(question));
  }

  @SuppressWarnings("unchecked")
  private static Function<String, Object> asked(Hosted<SourceFactory<?>> source) {
    return (Function<String, Object>) source.factory();
  }
}
