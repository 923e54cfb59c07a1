package kr.madang.launcher;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import kr.madang.control.Control;
import kr.madang.control.ControlOptions;
import kr.madang.control.archive.Archive;
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.host.HostOptions;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything below the doors, wired once; closed in the reverse order. */
final class Platform implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Control control;

  /** What for. */
  enum Mode {
    /** A service that keeps what runs at what should run. */
    SERVE,
    /** The same, but nothing of a plugin is touched and no pipeline started. */
    SAFE,
    /** A verb that runs or checks one pipeline and remembers nothing. */
    EPHEMERAL,
    /** The same, and no journal is changed, nor is it asked what it stands on. */
    LOOK
  }

  private Platform(Distribution distribution, Configuration configuration, Path home, Mode mode) {
    try {
      InstantSource clock = InstantSource.system();
      ThreadFactory threads = Thread.ofPlatform().daemon().name("madang-", 0).factory();
      BufferAllocator allocator = new RootAllocator(memory(configuration));
      open.push(allocator);
      Path state = Files.createDirectories(home.resolve("state"));
      PluginHost host =
          PluginHost.open(
              HostOptions.of(
                  home.resolve("plugins"),
                  distribution.catalogues(),
                  distribution.version(),
                  clock));
      open.push(host);
      boolean look = mode == Mode.LOOK;
      Disk disk = look ? Archive.untouched() : new RealDisk();
      Journals journals =
          new Journals(
              home.resolve("journal"),
              workspace -> {
                if (!look) {
                  allow(configuration, home);
                }
                return configuration.journal().options(workspace, home, disk, clock, threads);
              });
      open.push(journals);
      Engine engine =
          new Engine(new EngineOptions(allocator, clock, threads, new Random(), state, journals));
      Inference inference = Inference.open(InferenceOptions.defaults(), clock);
      inference.place(configuration.accelerators().run());
      inference.deviceMemory(configuration.accelerators().bytes());
      open.push(inference);
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
                  threads,
                  look || mode == Mode.EPHEMERAL,
                  mode == Mode.SAFE,
                  configuration.roots(),
                  configuration.modelMemory().orElseGet(() -> machineMemory() / 4),
                  configuration.modelIdle()));
      open.push(control);
    } catch (IOException e) {
      close();
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "home " + home + " cannot be used: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Opens everything. */
  static Platform open(
      Distribution distribution, Configuration configuration, Path home, Mode mode) {
    return new Platform(distribution, configuration, home, mode);
  }

  Control control() {
    return control;
  }

  /**
   * Refuses a home on which a forced write is no promise.
   *
   * @throws PluginException CONFIG_INVALID that says what was found and what to do
   */
  static Ground allow(Configuration configuration, Path home) {
    Ground ground = Ground.under(home);
    allow(configuration, home, ground);
    return ground;
  }

  static void allow(Configuration configuration, Path home, Ground ground) {
    if (ground.refusal().isPresent() && !configuration.journal().allowAnyFileSystem()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "home %s %s; %s".formatted(home, ground.refusal().get(), Ground.remedy()));
    }
  }

  /** Half of what the machine, or the container, has. */
  private static long memory(Configuration configuration) {
    return configuration.memory().orElseGet(() -> machineMemory() / 2);
  }

  static long machineMemory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory() * 4;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      AutoCloseable next = open.pop();
      try {
        next.close();
      } catch (Exception e) {
        LOG.warn("{} did not close cleanly", next.getClass().getSimpleName(), e);
      }
    }
  }
}
