package kr.madang.control;

import java.nio.file.Path;
import java.util.Optional;
import kr.madang.host.PluginRef;
import kr.madang.inference.Placement;
import kr.madang.sdk.model.ModelSpec;
import org.jspecify.annotations.Nullable;

/**
 * A model that is there, loaded or not.
 *
 * @param digest of the plugin, or of the files that were uploaded
 * @param folder of {@code model.yaml}; empty for one declared in code
 * @param error why it cannot be read; empty where it can
 * @param run where it is to run
 */
record Declared(
    Origin origin,
    String digest,
    String name,
    String version,
    String description,
    Optional<Path> folder,
    @Nullable ModelSpec spec,
    String error,
    Placement run) {
  /** One for the cores. */
  Declared(
      Origin origin,
      String digest,
      String name,
      String version,
      String description,
      Optional<Path> folder,
      @Nullable ModelSpec spec,
      String error) {
    this(origin, digest, name, version, description, folder, spec, error, Placement.CORES);
  }

  ModelKey key() {
    return new ModelKey(origin, name, version);
  }

  boolean isOf(PluginRef plugin) {
    return origin.plugin().filter(plugin::equals).isPresent();
  }
}
