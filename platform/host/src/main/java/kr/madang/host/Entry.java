package kr.madang.host;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.error.PluginException;

/** Finds the entry of a plugin. */
final class Entry {
  private Entry() {}

  /** Constructs it, on the current thread; empty for a plugin without code. */
  static Optional<Plugin> of(ClassLoader loader) {
    List<ServiceLoader.Provider<Plugin>> found =
        ServiceLoader.load(Plugin.class, loader).stream().toList();
    if (found.size() > 1) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED,
          "META-INF/services/kr.madang.sdk.Plugin names "
              + found.size()
              + " entries, "
              + found.stream().map(provider -> provider.type().getName()).toList()
              + "; expected one");
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst().get());
  }
}
