package kr.madang.launcher;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of all verbs. */
final class Common {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Where state is kept; MADANG_HOME says it too.")
  @Nullable Path home;

  @Option(names = "--level", description = "What the log shows: error, warn, info or debug.")
  @Nullable String level;

  @Option(names = "--log", description = "How lines of the log look: plain or json.")
  @Nullable String log;

  /** The flags that were given, by the names of the configuration. */
  Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>();
    put(flags, "level", level);
    put(flags, "log", log);
    return flags;
  }

  static void put(Map<String, String> flags, String name, @Nullable Object value) {
    if (value != null) {
      flags.put(name, value.toString());
    }
  }

  /** The home that was named, by flag or environment. */
  @Nullable Path namedHome() {
    if (home != null) {
      return home;
    }
    String named = System.getenv("MADANG_HOME");
    return named == null || named.isBlank() ? null : Path.of(named);
  }

  /** For verbs in the foreground: only what may break is told, unless somebody wants more. */
  void quiet() {
    if (level == null && System.getenv("MADANG_LEVEL") == null) {
      level = "warn";
    }
  }

  /** Reads all layers and sets the log up. */
  Configuration configure(Distribution distribution, Path folder, Map<String, String> flags) {
    Configuration configuration =
        Layers.read(distribution.configuration(), folder, System.getenv(), flags);
    Logging.apply(configuration.log(), configuration.level());
    return configuration;
  }
}
