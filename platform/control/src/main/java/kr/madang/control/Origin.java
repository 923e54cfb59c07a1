package kr.madang.control;

import java.util.Optional;
import kr.madang.host.PluginRef;

/** Where a model comes from. */
sealed interface Origin {
  /** The plugin that brings it; empty for one that came by itself. */
  Optional<PluginRef> plugin();

  /** Whose it is, whatever the version: what can be removed so that another stands alone. */
  String owner();

  /** Brought by a plugin. */
  record OfPlugin(PluginRef ref) implements Origin {
    @Override
    public Optional<PluginRef> plugin() {
      return Optional.of(ref);
    }

    @Override
    public String owner() {
      return "plugin " + ref.id();
    }

    @Override
    public String toString() {
      return "plugin " + ref;
    }
  }

  /**
   * Uploaded.
   *
   * @param digest of its files
   */
  record Upload(String digest) implements Origin {
    @Override
    public Optional<PluginRef> plugin() {
      return Optional.empty();
    }

    @Override
    public String owner() {
      return "the upload";
    }

    @Override
    public String toString() {
      return "an upload";
    }
  }
}
