package kr.madang.host;

import java.util.List;

/**
 * What was left of a plugin after it was unloaded.
 *
 * @param plugin that was unloaded
 * @param collected whether its class loader was seen collected
 * @param threads names of its threads that still live
 * @param swept registrations that it had left in the JVM and that the host took back
 * @param reason what its {@code stop} complained about; empty if nothing
 */
public record UnloadReport(
    PluginRef plugin, boolean collected, List<String> threads, List<String> swept, String reason) {

  /** Makes the lists unmodifiable. */
  public UnloadReport {
    threads = List.copyOf(threads);
    swept = List.copyOf(swept);
  }

  /** Whether nothing is left. */
  public boolean clean() {
    return collected && threads.isEmpty();
  }

  /** One line for people. */
  public String summary() {
    if (clean()) {
      return plugin + " is unloaded, nothing is left";
    }
    return "leaked by "
        + plugin
        + ": "
        + (threads.isEmpty() ? "" : "threads " + threads)
        + (threads.isEmpty() || collected ? "" : ", ")
        + (collected ? "" : "its class loader, which something still holds");
  }
}
