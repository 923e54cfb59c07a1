package kr.madang.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import kr.madang.control.config.Nearest;
import kr.madang.control.spec.StageSpec.Kind;
import kr.madang.control.spec.Use;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginState;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the plugin and the stage that a document means. */
final class StageFinder {
  private static final Logger LOG = LoggerFactory.getLogger(StageFinder.class);

  private final PluginHost host;

  StageFinder(PluginHost host) {
    this.host = host;
  }

  /** What became of a name. */
  sealed interface Found {
    /** A stage of a plugin. */
    record Stage(InstalledPlugin plugin, String stage) implements Found {}

    /** Nobody has it; somebody may come who does. */
    record Missing(String reason) implements Found {}

    /** It cannot be right, whoever comes. */
    record Wrong(String message) implements Found {}
  }

  /** Finds the highest version that fits. */
  Found find(Kind kind, Use use) {
    try {
      return use.plugin().isPresent() ? ofPlugin(kind, use) : bare(kind, use);
    } catch (PluginException e) {
      return new Found.Wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Finds exactly what was found before. */
  Found pinned(Kind kind, Use use, PipelineView.Pin pin) {
    int at = pin.resolved().indexOf('@');
    int slash = pin.resolved().indexOf('/');
    String id = pin.resolved().substring(0, at);
    String version = pin.resolved().substring(at + 1, slash);
    Optional<InstalledPlugin> plugin = host.find(id, version);
    if (plugin.isEmpty()) {
      return new Found.Missing(
          "missing plugin "
              + id
              + "@"
              + version
              + ", to which '"
              + use.text()
              + "' was resolved: install it, or replace the document to take another version");
    }
    if (!pin.digest().isEmpty() && !pin.digest().equals(plugin.get().digest())) {
      return new Found.Missing(
          "plugin "
              + id
              + "@"
              + version
              + " is another than the one that this pipeline was made with (its digest differs):"
              + " install that one again, or replace the document to take this one");
    }
    return new Found.Stage(plugin.get(), pin.resolved().substring(slash + 1));
  }

  private Found ofPlugin(Kind kind, Use use) {
    String id = use.plugin().orElseThrow();
    List<InstalledPlugin> all = host.list().stream().filter(p -> p.id().equals(id)).toList();
    String wanted = id + use.range().map(range -> "@" + range).orElse("");
    if (all.isEmpty()) {
      List<String> ids = host.list().stream().map(InstalledPlugin::id).distinct().toList();
      return new Found.Missing(
          "missing plugin "
              + wanted
              + ": install it"
              + near(id, ids).map(n -> ", " + n).orElse(""));
    }
    List<InstalledPlugin> fitting =
        all.stream()
            .filter(p ->
                use.range().isEmpty()
                    || PluginHost.versionFits(p.version(), use.range().orElseThrow()))
            .sorted(highestFirst())
            .toList();
    if (fitting.isEmpty()) {
      return new Found.Missing(
          "missing plugin "
              + wanted
              + ": install a version in that range; installed are "
              + String.join(", ", all.stream().map(InstalledPlugin::version).toList()));
    }
    for (InstalledPlugin plugin : fitting) {
      InstalledPlugin known = described(plugin);
      List<String> names = names(kind, known);
      String name = !use.name().isEmpty() ? use.name() : names.size() == 1 ? names.getFirst() : id;
      if (names.contains(name)) {
        return new Found.Stage(known, name);
      }
    }
    InstalledPlugin best = described(fitting.getFirst());
    if (!best.described()) {
      return new Found.Missing("plugin " + best.ref() + " cannot be started: " + best.reason());
    }
    String name = use.name().isEmpty() ? id : use.name();
    return new Found.Wrong(
        "plugin "
            + best.ref()
            + " has no "
            + kind.word()
            + " '"
            + name
            + "'; "
            + Nearest.hint(name, names(kind, best)));
  }

  private Found bare(Kind kind, Use use) {
    List<InstalledPlugin> having = having(kind, use.name(), host.list());
    if (having.isEmpty()) {
      having = having(kind, use.name(), host.list().stream().map(this::described).toList());
    }
    if (having.isEmpty()) {
      List<String> known =
          host.list().stream().flatMap(p -> names(kind, p).stream()).distinct().toList();
      return new Found.Missing(
          "missing plugin: none that is installed has a "
              + kind.word()
              + " '"
              + use.name()
              + "'; "
              + Nearest.hint(use.name(), known));
    }
    TreeSet<String> ids = new TreeSet<>(having.stream().map(InstalledPlugin::id).toList());
    if (ids.size() > 1) {
      List<String> choices = ids.stream().map(id -> id + "/" + use.name()).toList();
      return new Found.Wrong(
          "several plugins have a "
              + kind.word()
              + " '"
              + use.name()
              + "': say "
              + String.join(" or ", choices));
    }
    return new Found.Stage(having.stream().min(highestFirst()).orElseThrow(), use.name());
  }

  private static List<InstalledPlugin> having(
      Kind kind, String name, List<InstalledPlugin> plugins) {
    List<InstalledPlugin> having = new ArrayList<>();
    for (InstalledPlugin plugin : plugins) {
      if (names(kind, plugin).contains(name)) {
        having.add(plugin);
      }
    }
    return having;
  }

  /** Starts a plugin of the catalogue that nobody described, for it to say what it has. */
  private InstalledPlugin described(InstalledPlugin plugin) {
    if (plugin.described() || plugin.state() == PluginState.STOPPED) {
      return plugin;
    }
    try {
      return host.start(plugin.id(), plugin.version());
    } catch (PluginException e) {
      LOG.warn("plugin {} cannot say what it has: {}", plugin.ref(), e.getMessage());
      return host.find(plugin.id(), plugin.version()).orElse(plugin);
    }
  }

  private static Optional<String> near(String name, List<String> known) {
    return Nearest.to(name, known).map(nearest -> "or did you mean '" + nearest + "'?");
  }

  static Comparator<InstalledPlugin> highestFirst() {
    return (a, b) -> PluginHost.compareVersions(b.version(), a.version());
  }

  private static List<String> names(Kind kind, InstalledPlugin plugin) {
    return switch (kind) {
      case SOURCE -> plugin.sources();
      case STEP -> plugin.transforms();
      case SINK -> plugin.sinks();
      case MODEL -> List.of();
    };
  }
}
