package kr.madang.plugins.opcua;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** Reads one value as the plugin does; loaded together with the plugin behind a wall. */
public final class Trip {
  private Trip() {}

  /** Reads over the strongest policy. */
  public static void run(String endpoint, Path pki, BufferAllocator allocator) throws Exception {
    Configs configs = new Configs(endpoint).tag("flow");
    configs.policy = Optional.empty();
    configs.pki = pki;
    try (Running running = new Running(configs.build(), allocator)) {
      running.awaitValue("flow", 1.0);
    }
    new OpcUaPlugin().stop();
  }
}
