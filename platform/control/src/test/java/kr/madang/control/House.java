package kr.madang.control;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.control.fixture.FixturePlugin;
import kr.madang.control.store.Store;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.host.HostOptions;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.testkit.ManualClock;
import org.apache.arrow.memory.BufferAllocator;

/** A home with a control, an engine, a host and the fixture plugin in its catalogue. */
final class House implements AutoCloseable {
  static final Caller ADMIN = new Caller("root", Role.ADMIN, Set.of("*"));
  static final String WS = "default";
  private static final Duration IDLE = Duration.ofHours(1);

  final Path home;
  final PluginHost host;
  final Inference inference;
  final Journals journals;
  final Control control;
  final ManualClock clock = new ManualClock();

  private House(
      Path home,
      BufferAllocator allocator,
      boolean ephemeral,
      boolean safe,
      long modelBytes,
      Duration modelIdle) {
    this.home = home;
    try {
      Files.createDirectories(home.resolve("catalogue"));
      host =
          PluginHost.open(
              HostOptions.of(
                  home.resolve("plugins"), List.of(home.resolve("catalogue")), "0.1.0", clock));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    inference = Inference.open(InferenceOptions.defaults());
    journals =
        new Journals(
            home.resolve("journal"),
            JournalOptions.of(
                new RealDisk(), clock, Thread.ofPlatform().name("journal-", 0).daemon().factory()));
    Engine engine =
        new Engine(
            new EngineOptions(
                allocator,
                clock,
                Thread.ofPlatform().name("engine-", 0).factory(),
                new Random(1),
                home.resolve("state"),
                journals));
    control =
        Control.open(
            new ControlOptions(
                home,
                host,
                engine,
                inference,
                journals,
                allocator,
                clock,
                Thread.ofPlatform().name("control-", 0).daemon().factory(),
                ephemeral,
                safe,
                List.of(),
                modelBytes,
                modelIdle));
  }

  static House open(Path home, BufferAllocator allocator) {
    return new House(home, allocator, false, false, 4L << 30, IDLE);
  }

  /** One with so much room for models that callers from outside use. */
  static House cramped(Path home, BufferAllocator allocator, long modelBytes) {
    return new House(home, allocator, false, false, modelBytes, IDLE);
  }

  /** One that lets models go after so long without a call. */
  static House impatient(Path home, BufferAllocator allocator, Duration modelIdle) {
    return new House(home, allocator, false, false, 4L << 30, modelIdle);
  }

  static House safe(Path home, BufferAllocator allocator) {
    return new House(home, allocator, false, true, 4L << 30, IDLE);
  }

  static House ephemeral(Path home, BufferAllocator allocator) {
    return new House(home, allocator, true, false, 4L << 30, IDLE);
  }

  /** Puts a version of the fixture plugin into the catalogue of a home that is not open. */
  static void furnish(Path home, String id, String version) {
    try {
      Path folder = Files.createDirectories(home.resolve("catalogue").resolve(id + "-" + version));
      Files.writeString(
          folder.resolve("plugin.properties"),
          "plugin.id=%s\nplugin.version=%s\nplugin.requires=*\n".formatted(id, version));
      Path jar = Files.createDirectories(folder.resolve("lib")).resolve("fixture.jar");
      try (OutputStream out = Files.newOutputStream(jar);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        pack(zip);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pack(ZipOutputStream zip) throws IOException {
    String folder = FixturePlugin.class.getPackageName().replace('.', '/');
    Path classes =
        Path.of(
            FixturePlugin.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            folder);
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file : files.sorted().toList()) {
        zip.putNextEntry(new ZipEntry(folder + "/" + file.getFileName()));
        zip.write(Files.readAllBytes(file));
        zip.closeEntry();
      }
    }
    zip.putNextEntry(new ZipEntry("META-INF/services/" + Plugin.class.getName()));
    zip.write(FixturePlugin.class.getName().getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  static String document(String name, String source) {
    return """
    pipeline: %s
    source: { use: counter, config: %s }
    sinks: [ { use: lines, config: { file: out-%s.txt } } ]
    """
        .formatted(name, source, name);
  }

  PipelineView view(String name) {
    return control.pipelines().get(ADMIN, WS, name);
  }

  PipelineView create(String document) {
    return control.pipelines().create(ADMIN, WS, document, Format.YAML);
  }

  /** The state as it is on the disk, seen by another connection. */
  Store store() {
    return Store.open(home.resolve("control.db"));
  }

  @Override
  public void close() {
    control.drain(Duration.ofSeconds(5));
    control.close();
    inference.close();
    journals.close();
    host.close();
  }
}
