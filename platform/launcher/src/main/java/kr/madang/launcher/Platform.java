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
import kr.madang.engine.Engine;
import kr.madang.engine.EngineOptions;
import kr.madang.host.HostOptions;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
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

  private Platform(
      Distribution distribution, Configuration configuration, Path home, boolean ephemeral) {
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
      Journals journals =
          new Journals(home.resolve("journal"), JournalOptions.of(new RealDisk(), clock, threads));
      open.push(journals);
      Engine engine =
          new Engine(new EngineOptions(allocator, clock, threads, new Random(), state, journals));
      Inference inference = Inference.open(InferenceOptions.defaults());
      open.push(inference);
      control =
          Control.open(
              new ControlOptions(
                  home, host, engine, inference, journals, allocator, clock, threads, ephemeral));
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

  /**
   * Opens everything.
   *
   * @param ephemeral for the verbs that run or check one pipeline and remember nothing
   */
  static Platform open(
      Distribution distribution, Configuration configuration, Path home, boolean ephemeral) {
    return new Platform(distribution, configuration, home, ephemeral);
  }

  Control control() {
    return control;
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
